import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib'
import { call, deployDesign } from '../support/design.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Server-sent events and other streams that go on for long: each part arrives when it is sent, and nothing but a limit ends them. */

/** For routes without `timeout`, in seconds. */
const PROCESS_IDLE = 1

let turnpike: Turnpike
/** The streams that the backend has open, the last one last. */
const streams: ServerResponse[] = []
const backend = createServer((_, answer) => {
  answer.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  answer.flushHeaders()
  streams.push(answer)
})
const compressing = { plugin: 'compression', config: { types: ['text/event-stream'] } }
const path = (...plugins: object[]) => ({ methods: { GET: { plugins } } })
before(async () => {
  await once(backend.listen(0, '127.0.0.1'), 'listening')
  turnpike = await startTurnpike({ args: ['--workers', '1', '--body-timeout', String(PROCESS_IDLE)] })
  await deployDesign(
    turnpike,
    'events',
    {
      '/plain': path(),
      '/plugins': path(
        { plugin: 'request-id', config: {} },
        { plugin: 'response-transformer', config: { headers: { set: { 'x-a': 'b' } }, json: { set: { '/a': 1 } } } },
      ),
      '/coded': path(compressing),
      '/of-process': path({ plugin: 'timeout', off: true }),
      '/idle': path({ plugin: 'timeout', config: { idle: 1, total: 600 } }),
    },
    {
      plugins: [{ plugin: 'timeout', config: { total: 600 } }],
      backend: { targets: [{ url: `http://127.0.0.1:${(backend.address() as AddressInfo).port}` }] },
    },
  )
})
after(async () => {
  await turnpike.stop()
  backend.closeAllConnections()
  backend.close()
})

const decoders: Record<string, typeof createGunzip> = {
  gzip: createGunzip,
  br: createBrotliDecompress as unknown as typeof createGunzip,
  zstd: createZstdDecompress as unknown as typeof createGunzip,
}

/** A client of a stream, and the backend's end of the same. */
async function open(at: string, coding?: string) {
  const outgoing = request({
    port: turnpike.gatewayPort,
    host: '127.0.0.1',
    path: at,
    headers: { host: 'events.localhost', ...(coding !== undefined && { 'accept-encoding': coding }) },
  }).end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  assert.equal(answer.headers['content-encoding'], coding)
  const decoder = coding === undefined ? undefined : decoders[coding]?.()
  const body = decoder === undefined ? answer : answer.pipe(decoder)
  body.setEncoding('utf8')
  const source = streams.at(-1)
  assert.ok(source)
  let text = ''
  body.on('data', (part: string) => {
    text += part
  })
  /** Sends an event and waits until it has come, with nothing of another behind it. */
  async function pass(event: string): Promise<void> {
    const before = text
    source?.write(event)
    while (text.length < before.length + event.length) await once(body, 'data')
    assert.equal(text, before + event)
  }
  return { outgoing, answer, body, source, pass }
}

describe('events arrive one by one', () => {
  const cases: [what: string, at: string, coding?: string][] = [
    ['without plugins', '/plain'],
    ['with plugins that change answers', '/plugins'],
    ['where the client accepts no coding', '/coded'],
    ['compressed with gzip', '/coded', 'gzip'],
    ['compressed with brotli', '/coded', 'br'],
    ['compressed with zstd', '/coded', 'zstd'],
  ]
  for (const [what, at, coding] of cases)
    test(what, async () => {
      const { pass, source, body } = await open(at, coding)
      for (let i = 0; i < 20; i++) await pass(`id: ${i}\ndata: ${'x'.repeat(i * 50)}\n\n`)
      // A bigger one than anybody reads at once.
      await pass(`data: ${'y'.repeat(300_000)}\n\n`)
      source.end()
      await once(body, 'end')
    })
})

for (const coding of [undefined, 'gzip'])
  test(`a deployment in the middle changes nothing, ${coding ?? 'as it is'}`, async () => {
    const { pass, source, body } = await open('/coded', coding)
    await pass('data: before\n\n')
    for (const plugins of [
      [{ plugin: 'ip-restriction', config: { mode: 'deny', networks: ['127.0.0.1'] } }],
      [{ plugin: 'timeout', config: { total: 600 } }],
    ]) {
      await call(turnpike, 'PATCH', '/services/events/stages/live', { plugins })
      await call(turnpike, 'POST', '/services/events/stages/live/deployments', {})
      await pass('data: and after\n\n')
    }
    source.end()
    await once(body, 'end')
  })

for (const coding of [undefined, 'gzip'])
  test(`a client that goes takes its backend connection with it, ${coding ?? 'as it is'}`, async () => {
    const { outgoing, pass, source } = await open('/coded', coding)
    await pass('data: here\n\n')
    const closed = once(source, 'close')
    outgoing.destroy()
    await closed
  })

test('a backend that breaks off is not taken for one that has ended', async () => {
  for (const coding of [undefined, 'gzip']) {
    const { pass, source, answer } = await open('/coded', coding)
    await pass('data: here\n\n')
    const broken = once(answer, 'error')
    source.destroy()
    assert.equal((await broken)[0].code, 'ECONNRESET')
  }
})

test('silence is cut by the limit that holds for the route, and by no other', async () => {
  const long = await open('/plain')
  await long.pass('data: here\n\n')
  for (const at of ['/of-process', '/idle']) {
    const short = await open(at)
    await short.pass('data: here\n\n')
    assert.equal((await once(short.answer, 'error'))[0].code, 'ECONNRESET', at)
  }
  // Two limits of a second have passed here without a word.
  await long.pass('data: still here\n\n')
  long.outgoing.destroy()
})
