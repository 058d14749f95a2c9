import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import type { FileSettings } from '../../plugins/log-sinks.ts'
import { linesOf, numberedLines } from './fake-lines.ts'
import { FileWriter } from './file-writer.ts'

const root = mkdtempSync(join(tmpdir(), 'turnpike-logs-'))
after(() => rmSync(root, { recursive: true, force: true }))

const settings: FileSettings = { name: 'access', maxBytes: 0, every: 'never', keep: 100, compress: false }
const NOON = Date.UTC(2026, 10, 26, 12)

let lastFolder = 0
/** A writer in a folder of its own, with a clock that the test moves. */
function writerOf(changes: Partial<FileSettings> = {}) {
  const folder = join(root, String(++lastFolder), 'pets', 'live')
  const clock = { now: NOON }
  const notices: string[] = []
  const writer = new FileWriter({
    path: join(folder, 'access'),
    settings: { ...settings, ...changes },
    now: () => clock.now,
    notice: (_subject, message) => notices.push(message),
  })
  const read = (name: string) => readFileSync(join(folder, name))
  const text = (name: string) => (name.endsWith('.gz') ? gunzipSync(read(name)) : read(name)).toString()
  return { writer, folder, clock, notices, text, names: () => readdirSync(folder).sort() }
}

test('lines are appended, also to what is there already', async () => {
  const { writer, text, names } = writerOf()
  assert.deepEqual(await writer.write([linesOf('a', 'b'), linesOf('c')]), { lost: 0, trouble: null })
  await writer.close()
  await writer.write([linesOf('d')])
  await writer.close()
  assert.deepEqual(names(), ['access.log'])
  assert.equal(text('access.log'), 'a\nb\nc\nd\n')
})

describe('rotation', () => {
  test('by size: no line is lost or torn, and no file is too large', async () => {
    const { writer, names, text } = writerOf({ maxBytes: 5_000 })
    for (let i = 0; i < 100; i++) await writer.write([numberedLines(i * 10, 10, 'x'.repeat(i % 40))])
    await writer.close()
    const all = names()
    assert.ok(all.length > 4, all.join())
    for (const name of all) assert.ok(text(name).length <= 5_000, name)
    // Names sort by time; the file that is written comes last.
    const inOrder = [...all.filter((name) => name !== 'access.log'), 'access.log']
    const numbers = inOrder.flatMap((name) =>
      text(name)
        .trimEnd()
        .split('\n')
        .map((line) => Number(line.split(' ')[0])),
    )
    assert.deepEqual(
      numbers,
      Array.from({ length: 1000 }, (_, i) => i),
    )
  })

  test('keeps so many files of before, the newest', async () => {
    const { writer, names, clock } = writerOf({ maxBytes: 10, keep: 2 })
    for (let i = 0; i < 6; i++) {
      clock.now += 60_000
      await writer.write([linesOf(`line ${i}`)])
    }
    await writer.close()
    assert.deepEqual(names(), ['access.20261126T120500Z.log', 'access.20261126T120600Z.log', 'access.log'])
  })

  test('keeps none of before where none are wanted, and leaves the files of others alone', async () => {
    const { writer, names, folder } = writerOf({ maxBytes: 10, keep: 0 })
    await writer.write([linesOf('first line')])
    execFileSync('touch', [join(folder, 'access.old.log'), join(folder, 'access2.20200101T000000Z.log')])
    await writer.write([linesOf('second line')])
    await writer.close()
    assert.deepEqual(names(), ['access.log', 'access.old.log', 'access2.20200101T000000Z.log'])
  })

  test('by time: with the first line of the next hour', async () => {
    const { writer, text, names, clock } = writerOf({ every: 'hour' })
    await writer.write([linesOf('a')])
    clock.now += 3_599_999
    await writer.write([linesOf('b')])
    clock.now += 1
    await writer.write([linesOf('c')])
    await writer.close()
    assert.deepEqual(names(), ['access.20261126T130000Z.log', 'access.log'])
    assert.deepEqual([text('access.20261126T130000Z.log'), text('access.log')], ['a\nb\n', 'c\n'])
  })

  test('compresses files of before', async () => {
    const { writer, text, names } = writerOf({ maxBytes: 10, compress: true })
    for (const line of ['line one', 'line two', 'line three']) await writer.write([linesOf(line)])
    await writer.close()
    assert.deepEqual(names(), ['access.20261126T120000Z.log.gz', 'access.20261126T120000Z_001.log.gz', 'access.log'])
    assert.deepEqual(names().map(text), ['line one\n', 'line two\n', 'line three\n'])
  })

  test('by other settings, from when they hold', async () => {
    const { writer, names } = writerOf()
    await writer.write([linesOf('a line')])
    writer.update({ ...settings, maxBytes: 5 })
    await writer.write([linesOf('another')])
    await writer.close()
    assert.equal(names().length, 2)
  })
})

describe('what others do to the file', () => {
  test('one that was moved away is begun anew', async () => {
    const { writer, folder, text, clock } = writerOf()
    await writer.write([linesOf('a')])
    renameSync(join(folder, 'access.log'), join(folder, 'moved.log'))
    clock.now += 1_000
    await writer.write([linesOf('b')])
    assert.deepEqual([text('moved.log'), text('access.log')], ['a\n', 'b\n'])
    renameSync(join(folder, 'access.log'), join(folder, 'moved.log'))
    writer.reopen()
    await writer.write([linesOf('c')])
    assert.deepEqual([text('moved.log'), text('access.log')], ['b\n', 'c\n'])
    await writer.close()
  })

  test('a folder that is gone is made again', async () => {
    const { writer, folder, text, clock } = writerOf()
    await writer.write([linesOf('a')])
    rmSync(folder, { recursive: true })
    clock.now += 1_000
    assert.deepEqual(await writer.write([linesOf('b')]), { lost: 0, trouble: null })
    assert.equal(text('access.log'), 'b\n')
    await writer.close()
  })
})

describe('a full disk', () => {
  test('lines are lost and counted until there is room', async () => {
    const { writer, folder, text, clock } = writerOf()
    await writer.write([linesOf('a')])
    await writer.close()
    renameSync(join(folder, 'access.log'), join(folder, 'kept'))
    symlinkSync('/dev/full', join(folder, 'access.log'))
    const full = await writer.write([linesOf('b', 'c'), linesOf('d')])
    assert.equal(full.lost, 3)
    assert.match(full.trouble ?? '', /access\.log cannot be written: ENOSPC/)
    unlinkSync(join(folder, 'access.log'))
    // Not asked again at once.
    assert.equal((await writer.write([linesOf('e')])).lost, 1)
    assert.equal(existsSync(join(folder, 'access.log')), false)
    clock.now += 1_000
    assert.deepEqual(await writer.write([linesOf('f')]), { lost: 0, trouble: null })
    assert.equal(text('access.log'), 'f\n')
    await writer.close()
  })

  test('a line is there as a whole or not at all, where the write ends in its middle', () => {
    const path = join(root, 'limited')
    const program = join(import.meta.dirname, 'full-disk-program.ts')
    // In blocks of 512 bytes: 20,480 bytes.
    const output = execFileSync('sh', ['-c', 'ulimit -f 40; exec "$0" "$1" "$2"', process.execPath, program, path])
    const results = JSON.parse(output.toString()) as { lost: number; trouble: string | null }[]
    const lines = readFileSync(`${path}.log`, 'latin1').split('\n')
    assert.equal(lines.pop(), '')
    assert.ok(lines.length > 150 && lines.length < 216, `${lines.length}`)
    assert.deepEqual(
      lines.filter((line) => !/^\d+ (?:x{93}|y{93})$/.test(line)),
      [],
    )
    assert.equal(lines.length + results.reduce((sum, { lost }) => sum + lost, 0), 800)
    assert.match(results.at(-1)?.trouble ?? '', /EFBIG/)
  })
})
