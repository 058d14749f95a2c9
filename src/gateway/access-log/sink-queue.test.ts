import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { numberedLines } from './fake-lines.ts'
import type { LogBatch } from './protocol.ts'
import { countOf, type Gathering, type Lines, type Writer, type Written } from './sink.ts'
import { SinkQueue } from './sink-queue.ts'

/** A writer that does as it is told, and remembers what it was given. */
class FakeWriter implements Writer {
  readonly calls: string[] = []
  /** Why it writes nothing; null while it does. */
  trouble: string | null = null
  /** Where it is set, writes wait for it. */
  gate: Promise<void> | null = null

  async write(all: readonly Lines[]): Promise<Written> {
    this.calls.push(all.map(({ bytes }) => bytes.toString('latin1')).join(''))
    await this.gate
    return { lost: this.trouble === null ? 0 : countOf(all), trouble: this.trouble }
  }

  async close(): Promise<void> {
    this.calls.push('closed')
  }
}

function queueOf(gathering: Gathering = { mostBytes: 1_000_000, lingerMs: 0 }, isMarked = false) {
  const writer = new FakeWriter()
  const notices: string[] = []
  const queue = new SinkQueue({
    owner: 'pets/live',
    name: 'file access',
    format: 'json',
    isMarked,
    writer,
    gathering,
    notice: (_subject, message) => notices.push(message),
    now: () => Date.UTC(2026, 0, 1),
  })
  let done = 0
  const push = (from: number, count: number) => {
    const { bytes } = numberedLines(from, count)
    const buffer = new ArrayBuffer(1024)
    Buffer.from(buffer).set(bytes)
    const batch: LogBatch = { buffer, size: bytes.length, lines: count }
    queue.push(batch, () => done++)
  }
  return { queue, writer, notices, push, done: () => done }
}

describe('the queue of a sink', () => {
  test('writes in order, one call at a time, and tells when a batch is done with', async () => {
    const { queue, writer, push, done } = queueOf()
    const gate = Promise.withResolvers<void>()
    writer.gate = gate.promise
    push(0, 2)
    await new Promise(setImmediate)
    push(2, 1)
    push(3, 1)
    await new Promise(setImmediate)
    assert.deepEqual(writer.calls, ['0 \n1 \n'])
    assert.equal(done(), 0)
    gate.resolve()
    await queue.close()
    assert.deepEqual(writer.calls, ['0 \n1 \n', '2 \n3 \n', 'closed'])
    assert.equal(done(), 3)
    assert.equal(queue.status().lines, 4)
  })

  test('gathers lines until there are enough, or all are to be written', async () => {
    const { queue, writer, push } = queueOf({ mostBytes: 10, lingerMs: 3_600_000 })
    push(0, 1)
    push(1, 1)
    await new Promise(setImmediate)
    assert.deepEqual(writer.calls, [])
    push(2, 2)
    push(4, 1)
    await new Promise(setImmediate)
    assert.deepEqual(writer.calls, ['0 \n1 \n'])
    await queue.close()
    assert.deepEqual(writer.calls, ['0 \n1 \n', '2 \n3 \n4 \n', 'closed'])
  })

  test('tells of lines that were dropped, in the log and in the status', async () => {
    const { queue, writer, push } = queueOf()
    queue.countDropped(7)
    queue.countDropped(10)
    push(0, 1)
    await queue.close()
    assert.deepEqual(writer.calls, [
      '{"time":"2026-01-01T00:00:00.000Z","level":"warn","event":"dropped","lines":17}\n0 \n',
      'closed',
    ])
    assert.deepEqual(queue.status(), {
      owner: 'pets/live',
      sink: 'file access',
      lines: 1,
      bytes: 3,
      droppedLines: 17,
      trouble: null,
    })
  })

  test('tells of them at its end too, where no other line comes', async () => {
    const { queue, writer } = queueOf(undefined, true)
    queue.countDropped(3)
    await queue.close()
    assert.match(writer.calls[0] ?? '', /^4\{.*"lines":3\}\n$/)
  })

  test('tells once that a sink takes no lines, and once that it does again', async () => {
    const { queue, writer, push, notices } = queueOf()
    writer.trouble = 'the disk is full'
    push(0, 2)
    await queue.close()
    push(2, 2)
    await queue.close()
    assert.equal(queue.status().trouble, 'the disk is full')
    writer.trouble = null
    push(4, 1)
    await queue.close()
    assert.deepEqual(notices, [
      'access log of pets/live, file access: the disk is full. Lines are dropped and counted until it is over; traffic goes on.',
      'access log of pets/live, file access: takes lines again; 4 were dropped since the program started.',
    ])
    const { lines, droppedLines, trouble } = queue.status()
    assert.deepEqual([lines, droppedLines, trouble], [1, 4, null])
    assert.ok(
      writer.calls.some((text) => text.includes('"lines":4}\n4 \n')),
      writer.calls.join(''),
    )
  })
})
