import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { writeLine } from './fake-lines.ts'
import { LogOutlet, MOST_BYTES_UNDER_WAY } from './log-outlet.ts'
import { BATCH_BYTES, LARGE_BATCH_BYTES, type LogMessage } from './protocol.ts'

const LINE_BYTES = 1_024
/** How many lines a buffer takes: one is begun where there is room for a usual one. */
const fit = (bytes: number) => (bytes - 4_096) / LINE_BYTES + 1

/** An outlet with one sink, and what it hands over. */
function begin(t: TestContext) {
  const { port1, port2 } = new MessageChannel()
  const outlet = new LogOutlet(() => port1, { makeAll: () => undefined })
  t.after(() => {
    outlet.stop()
    port1.close()
  })
  const writer = outlet.forStage().open({ settings: { stdout: {} }, format: 'json', owner: 'pets/live' })
  const text = 'x'.repeat(LINE_BYTES - 1)
  const messages = () => {
    const all: LogMessage[] = []
    for (let next = receiveMessageOnPort(port2); next !== undefined; next = receiveMessageOnPort(port2))
      all.push(next.message as LogMessage)
    return all
  }
  return {
    outlet,
    writer,
    messages,
    write(lines: number): void {
      for (let i = 0; i < lines; i++) writeLine(writer, text)
    },
    /** The sizes of the buffers that have been handed over since the last time. */
    sizes(): number[] {
      outlet.flush()
      return messages().flatMap((message) => (message.type === 'lines' ? message.batch.buffer.byteLength : []))
    },
  }
}

test('buffers are small, and large for a sink that fills them', (t) => {
  const { write, sizes } = begin(t)
  write(40)
  assert.deepEqual(sizes(), [BATCH_BYTES])
  write(fit(BATCH_BYTES) + fit(LARGE_BATCH_BYTES) * 2)
  assert.deepEqual(sizes(), [BATCH_BYTES, LARGE_BATCH_BYTES, LARGE_BATCH_BYTES])
  write(fit(BATCH_BYTES) + 40)
  assert.deepEqual(sizes(), [BATCH_BYTES, LARGE_BATCH_BYTES])
})

test('a sink that is not busy any more does not hold on to a large buffer', (t) => {
  const { write, sizes } = begin(t)
  write(fit(BATCH_BYTES) + 1)
  assert.deepEqual(sizes(), [BATCH_BYTES, LINE_BYTES])
  write(40)
  assert.deepEqual(sizes(), [BATCH_BYTES])
})

/** All lines that were handed over. */
const linesOf = (messages: readonly LogMessage[]) =>
  messages.flatMap((message) => {
    if (message.type !== 'lines') return []
    const { buffer, size, lines } = message.batch
    const texts = Buffer.from(buffer, 0, size).toString('latin1').split('\n')
    assert.deepEqual([texts.at(-1), texts.length - 1], ['', lines])
    return texts.slice(0, -1)
  })

test('a line that was begun and not ended is not written', (t) => {
  const { outlet, writer, messages } = begin(t)
  writeLine(writer, 'one')
  writer.begin(6)?.text('half of a li')
  outlet.flush()
  writer.begin(6)?.text('another half')
  writeLine(writer, 'two')
  outlet.flush()
  assert.deepEqual(linesOf(messages()), ['one', 'two'])
})

test('lines of any length are whole', (t) => {
  const { outlet, writer, messages } = begin(t)
  const lines = [1, 4_095, 4_096, 60_000, 61_440, 300_000, 2, 65_536, 5, 262_144, 1_000_000, 7].flatMap((length) => [
    String(length).padStart(length, '-'),
    'short',
  ])
  for (const line of lines) writeLine(writer, line)
  outlet.flush()
  assert.deepEqual(linesOf(messages()), lines)
})

test('what is beyond the bound is dropped, counted, and told once', (t) => {
  const { outlet, writer, messages } = begin(t)
  const text = 'x'.repeat(LINE_BYTES - 1)
  const most = MOST_BYTES_UNDER_WAY / LINE_BYTES
  for (let i = 0; i < most * 2; i++) writeLine(writer, text)
  outlet.flush()
  const all = messages()
  const dropped = all.flatMap((message) => (message.type === 'dropped' ? message.lines : []))
  assert.equal(dropped.length, 1)
  assert.equal(linesOf(all).length + (dropped[0] ?? 0), most * 2)
  assert.ok(Math.abs((dropped[0] ?? 0) - most) <= LARGE_BATCH_BYTES / LINE_BYTES, `${dropped}`)
})
