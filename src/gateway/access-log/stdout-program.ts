import { numberedLines } from './fake-lines.ts'
import { StdoutWriter } from './stdout-writer.ts'

/** For a test: writes lines to its standard output, and ends; with `stuck` without waiting until they are taken. */

const [count = '0', how = ''] = process.argv.slice(2)
const writer = new StdoutWriter()
const all = numberedLines(0, Number(count), 'x'.repeat(80))
if (how === 'stuck') {
  void writer.write([all])
  setTimeout(() => process.exit(0), 100)
} else {
  const { lost } = await writer.write([all])
  process.exit(lost)
}
