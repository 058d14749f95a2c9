import { numberedLines } from './fake-lines.ts'
import { FileWriter } from './file-writer.ts'

/** For a test: writes to a file that may not become larger than its process is allowed to write, until the test has seen enough. */

const [path = ''] = process.argv.slice(2)
let now = 0
const settings = { name: 'access', maxBytes: 0, every: 'never', keep: 1, compress: false } as const
const writer = new FileWriter({ path, settings, now: () => now, notice: () => undefined })
const results = []
for (let i = 0; i < 8; i++) {
  // Past the pause after a failure, so that the disk is asked again.
  now += 2_000
  results.push(
    await writer.write([numberedLines(i * 100, 50, 'x'.repeat(93)), numberedLines(i * 100 + 50, 50, 'y'.repeat(93))]),
  )
}
process.stdout.write(JSON.stringify(results))
