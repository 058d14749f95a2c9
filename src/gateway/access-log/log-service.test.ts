import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import type { LogSink, SinkSettings } from '../../plugins/log-sinks.ts'
import { writeLine } from './fake-lines.ts'
import { LogOutlet, MOST_BYTES_UNDER_WAY } from './log-outlet.ts'
import { LogService } from './log-service.ts'

/** The real thread, with the end of a worker in this one. */

const FILE = { name: 'access', maxBytes: 0, every: 'never', keep: 5, compress: false } as const

function sinkOf(settings: SinkSettings): LogSink {
  return { settings, format: 'json', owner: 'pets/live' }
}

const nothingWaits = { makeAll: () => undefined }

function begin(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'turnpike-logs-'))
  const notices: string[] = []
  const service = new LogService(folder, (message) => notices.push(message))
  let port: MessageChannel['port1'] | null = null
  const outlet = new LogOutlet(() => {
    const { port1, port2 } = new MessageChannel()
    port = port1
    service.connect(port2)
    return port1
  }, nothingWaits)
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return {
    service,
    outlet,
    notices,
    lines: (name = 'access') =>
      readFileSync(join(folder, 'pets', 'live', `${name}.log`), 'latin1')
        .trimEnd()
        .split('\n'),
    /** What the end of a worker does. */
    async end() {
      outlet.flush()
      outlet.stop()
      port?.close()
      await service.stop(5_000)
    },
  }
}

/** Waits for something that the other thread does. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('all lines are in the file when the service has stopped, in the order of each worker', async (t) => {
  const { outlet, lines, end } = begin(t)
  const writer = outlet.forStage().open(sinkOf({ file: FILE }))
  const written = Array.from({ length: 20_000 }, (_, i) => `{"line":${i},"text":"${'x'.repeat(i % 90)}"}`)
  for (const line of written) writeLine(writer, line)
  await end()
  assert.deepEqual(lines(), written)
})

test('a long line goes through as a whole', async (t) => {
  const { outlet, lines, end } = begin(t)
  const writer = outlet.forStage().open(sinkOf({ file: FILE }))
  const written = ['short', 'x'.repeat(300_000), 'short again']
  for (const line of written) writeLine(writer, line)
  await end()
  assert.deepEqual(lines(), written)
})

test('a receiver that takes nothing costs lines, which are counted, and bounded memory', async (t) => {
  // Accepts connections, and never reads or answers.
  const silent = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    socket.pause()
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.after(() => silent.close())
  const { outlet, service, lines, end } = begin(t)
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
  const http = {
    url,
    body: 'lines',
    header: 'Authorization',
    batchBytes: 65_536,
    batchSeconds: 0.1,
    timeout: 0.3,
    retrySeconds: 0,
    compress: false,
  } as const
  const logs = outlet.forStage()
  const stuck = logs.open(sinkOf({ http }))
  const good = logs.open(sinkOf({ file: FILE }))
  const line = 'x'.repeat(10_000)
  const count = Math.ceil(MOST_BYTES_UNDER_WAY / 10_000) * 3
  for (let i = 0; i < count; i++) {
    writeLine(stuck, line)
    // The other sink of the same worker does not feel it.
    if (i % 100 === 0) writeLine(good, `good ${i}`)
  }
  outlet.flush()
  const of = (sink: string) => service.status().find((one) => one.sink.startsWith(sink))
  await until(() => (of('http')?.droppedLines ?? 0) > count / 2 && (of('file')?.lines ?? 0) === Math.ceil(count / 100))
  await until(() => of('http')?.trouble !== null)
  assert.match(of('http')?.trouble ?? '', /no answer within 0\.3 s/)
  assert.equal(of('http')?.sink, `http ${url.slice(0, -1)}`)
  for (const socket of []) void socket
  await end()
  assert.equal(lines().length, Math.ceil(count / 100))
})

test('lines go on when the thread has died, and those that were lost are told', async (t) => {
  const { outlet, service, notices, lines, end } = begin(t)
  const writer = outlet.forStage().open(sinkOf({ file: FILE }))
  writeLine(writer, '{"a":1}')
  outlet.flush()
  await until(() => service.status()[0]?.lines === 1)
  writeLine(writer, '{"lost":1}')
  await service.crash()
  // The way to the dead thread is known to be closed a moment later.
  await until(() => {
    writeLine(writer, '{"b":2}')
    outlet.flush()
    return service.status()[0]?.lines === undefined || lines().some((line) => line.includes('"b"'))
  })
  await end()
  assert.equal(notices.length, 1)
  assert.match(notices[0] ?? '', /access log has ended, and begins again/)
  const all = lines()
  assert.equal(all[0], '{"a":1}')
  assert.match(all[1] ?? '', /"event":"dropped","lines":\d+/)
  assert.equal(all.at(-1), '{"b":2}')
})

test('sinks that no stage has any more are closed, and open again for who still writes', async (t) => {
  const { outlet, service, lines, end } = begin(t)
  const logs = outlet.forStage()
  const writer = logs.open(sinkOf({ file: FILE }))
  writeLine(writer, '{"a":1}')
  outlet.retain(logs.keys)
  outlet.retain(new Set())
  await until(() => service.status().length === 0)
  writeLine(writer, '{"late":1}')
  await end()
  assert.deepEqual(lines(), ['{"a":1}', '{"late":1}'])
})
