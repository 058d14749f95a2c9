import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { linesOf } from './fake-lines.ts'
import { StdoutWriter } from './stdout-writer.ts'

const program = join(import.meta.dirname, 'stdout-program.ts')
/** More than any buffer on the way holds. */
const COUNT = 20_000

function assertWhole(output: string): void {
  const lines = output.split('\n')
  assert.equal(lines.pop(), '')
  assert.equal(lines.length, COUNT)
  for (const [i, line] of lines.entries()) assert.equal(line, `${i} ${'x'.repeat(80)}`)
}

describe('standard output', () => {
  test('that is a pipe, a file or a socket gets all lines', () => {
    const folder = mkdtempSync(join(tmpdir(), 'turnpike-stdout-'))
    const shell = (command: string) =>
      execFileSync('sh', ['-c', command, process.execPath, program, String(COUNT), join(folder, 'out')], {
        maxBuffer: 1e8,
      })
    assertWhole(shell('"$0" "$1" "$2" | cat').toString())
    shell('"$0" "$1" "$2" > "$3"')
    assertWhole(readFileSync(join(folder, 'out'), 'utf8'))
    // What Node.js gives its children is a socket.
    assertWhole(execFileSync(process.execPath, [program, String(COUNT)], { maxBuffer: 1e8 }).toString())
    rmSync(folder, { recursive: true })
  })

  test('that nobody reads does not keep the program from ending', async () => {
    const child = spawn(
      'sh',
      ['-c', '("$0" "$1" "$2" stuck; echo "ended $?" >&2) | sleep 600', process.execPath, program, String(COUNT)],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true,
      },
    )
    let text = ''
    for await (const part of child.stderr) {
      text += part
      if (text.includes('ended')) break
    }
    process.kill(-(child.pid ?? 0), 'SIGKILL')
    assert.equal(text, 'ended 0\n')
  })

  test('that cannot be written costs its lines', async () => {
    const broken = new StdoutWriter(() => Promise.reject(new Error('EPIPE')))
    assert.deepEqual(await broken.write([linesOf('a', 'b'), linesOf('c')]), {
      lost: 3,
      trouble: 'standard output cannot be written: EPIPE',
    })
  })
})
