import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { LineBytes } from '../../lib/line-bytes.ts'
import { LogOutlet } from './log-outlet.ts'
import { BATCH_BYTES, LARGE_BATCH_BYTES, type LogMessage } from './protocol.ts'

const LINE_BYTES = 1_024

/** An outlet with one sink, and what it hands over. */
function begin(t: TestContext) {
  const { port1, port2 } = new MessageChannel()
  const outlet = new LogOutlet(() => port1, { makeAll: () => undefined })
  t.after(() => {
    outlet.stop()
    port1.close()
  })
  const writer = outlet.forStage().open({ settings: { stdout: {} }, format: 'json', owner: 'pets/live' })
  const line = new LineBytes()
  line.text('x'.repeat(LINE_BYTES - 1))
  return {
    outlet,
    write(lines: number): void {
      for (let i = 0; i < lines; i++) writer.write(line, 6)
    },
    /** The sizes of the buffers that have been handed over since the last time. */
    sizes(): number[] {
      outlet.flush()
      const sizes: number[] = []
      for (let next = receiveMessageOnPort(port2); next !== undefined; next = receiveMessageOnPort(port2)) {
        const message = next.message as LogMessage
        if (message.type === 'lines') sizes.push(message.batch.buffer.byteLength)
      }
      return sizes
    },
  }
}

test('buffers are small, and large for a sink that fills them', (t) => {
  const { write, sizes } = begin(t)
  write(40)
  assert.deepEqual(sizes(), [BATCH_BYTES])
  write((BATCH_BYTES + LARGE_BATCH_BYTES * 2) / LINE_BYTES)
  assert.deepEqual(sizes(), [BATCH_BYTES, LARGE_BATCH_BYTES, LARGE_BATCH_BYTES])
  write(BATCH_BYTES / LINE_BYTES + 40)
  assert.deepEqual(sizes(), [BATCH_BYTES, LARGE_BATCH_BYTES])
})

test('a sink that is not busy any more does not hold on to a large buffer', (t) => {
  const { write, sizes } = begin(t)
  write(BATCH_BYTES / LINE_BYTES + 1)
  assert.deepEqual(sizes(), [BATCH_BYTES, LINE_BYTES])
  write(40)
  assert.deepEqual(sizes(), [BATCH_BYTES])
})
