import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { WebSocketServer } from 'ws'
import { TRUSTING_BROWSER, useBrowser } from '../support/browser.ts'
import { requireCommands } from '../support/commands.ts'
import { deployDesign } from '../support/design.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** A browser as the client, over HTTPS, with nothing to reassure it but the installation's own authority. */

const skip = requireCommands(TRUSTING_BROWSER)

let turnpike: Turnpike
/** The event streams that the backend has open, and the `Last-Event-ID` with which each has come. */
const streams: { answer: ServerResponse; lastId: string | undefined }[] = []
/** What the backend was asked for, without the event streams. */
const asked: string[] = []
const backend = createServer((request, answer) => {
  if (request.url === '/events') {
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    streams.push({ answer, lastId: request.headers['last-event-id']?.toString() })
    backend.emit('stream')
    return
  }
  asked.push(`${request.method} ${request.headers.host} ${request.url}`)
  answer.setHeader('x-told', String(request.headers['x-forwarded-proto']))
  request.pipe(answer)
})
const sockets = new WebSocketServer({ server: backend, handleProtocols: () => 'echo' })
sockets.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })))

const browser = useBrowser({ authority: () => readFileSync(join(turnpike.data, 'local-authority.pem'), 'utf8') })

const page = {
  '/': {
    methods: {
      GET: {
        backend: { kind: 'mock', headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Page</title>' },
      },
    },
  },
}
before(async () => {
  if (skip) return
  await once(backend.listen(0, '127.0.0.1'), 'listening')
  turnpike = await startTurnpike({ args: ['--workers', '2'] })
  const stage = { backend: { targets: [{ url: `http://127.0.0.1:${(backend.address() as AddressInfo).port}` }] } }
  const cors = { origins: [urlOf('shop')], headers: ['x-custom'], exposedHeaders: ['x-told'], credentials: true }
  const echo = { methods: { GET: {}, POST: {}, PUT: {} } }
  await deployDesign(
    turnpike,
    'shop',
    {
      ...page,
      '/echo': echo,
      '/events': {},
      '/socket': { plugins: [{ plugin: 'websocket', config: { origins: [urlOf('shop')] } }] },
    },
    stage,
  )
  await deployDesign(
    turnpike,
    'api',
    {
      '/open': { plugins: [{ plugin: 'cors', config: cors }], ...echo },
      '/closed': echo,
      '/socket': { plugins: [{ plugin: 'websocket', config: { origins: ['https://other.example'] } }] },
    },
    stage,
  )
  await deployDesign(turnpike, 'moved', page, { ...stage, https: 'redirect' })
})
after(async () => {
  if (skip) return
  await turnpike.stop()
  sockets.close()
  backend.closeAllConnections()
  backend.close()
})

/** The origin of a stage over HTTPS. */
function urlOf(name: string): string {
  return `https://${name}.localhost:${turnpike.tlsPort}`
}

describe('a browser', { skip }, () => {
  test('speaks HTTP/2, with many large bodies at once', async (t) => {
    const page = await browser.openPage(t)
    const opened = await page.goto(`${urlOf('shop')}/`)
    assert.equal(await page.title(), 'Page')
    assert.equal((await opened?.securityDetails())?.subjectName, 'shop.localhost')
    const bodies = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(100_000))
    const seen = await page.evaluate(async (bodies) => {
      const answers = await Promise.all(bodies.map((body) => fetch('/echo', { method: 'POST', body })))
      const texts = await Promise.all(answers.map((answer) => answer.text()))
      const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
      return {
        isSame: texts.every((text, i) => text === bodies[i]),
        told: answers[0]?.headers.get('x-told'),
        protocols: [...new Set(entries.map((entry) => entry.nextHopProtocol))],
      }
    }, bodies)
    assert.deepEqual(seen, { isSame: true, told: 'https', protocols: ['h2'] })
  })

  test('asks before it calls another origin, and is let read what it may', async (t) => {
    const page = await browser.openPage(t)
    await page.goto(`${urlOf('shop')}/`)
    asked.length = 0
    const call = (url: string, headers: Record<string, string>) =>
      page.evaluate(
        async ([url, headers]) => {
          try {
            const answer = await fetch(url, { method: 'PUT', body: 'x', headers, credentials: 'include' })
            return `${answer.status} ${await answer.text()} ${answer.headers.get('x-told')} ${answer.headers.get('via')}`
          } catch (error) {
            return String(error)
          }
        },
        [url, headers] as const,
      )
    assert.equal(await call(`${urlOf('api')}/open`, { 'x-custom': 'a' }), '200 x https null')
    assert.match(await call(`${urlOf('api')}/open`, { 'x-other': 'a' }), /TypeError: Failed to fetch/)
    assert.match(await call(`${urlOf('api')}/closed`, {}), /TypeError: Failed to fetch/)
    // Preflight requests are the gateway's own business, and what they did not allow was never sent.
    assert.deepEqual(
      asked.filter((line) => line.startsWith('PUT')).map((line) => line.replace(/ \S+ /, ' ')),
      ['PUT /open'],
    )
  })

  test('opens WebSockets, where its page may', async (t) => {
    const page = await browser.openPage(t)
    await page.goto(`${urlOf('shop')}/`)
    const talk = (url: string) =>
      page.evaluate(async (url) => {
        const socket = new WebSocket(url, ['echo'])
        const told: string[] = []
        await new Promise<void>((resolve) => {
          socket.onopen = () => {
            socket.send('text ✓')
            socket.send(new Uint8Array(70_000).fill(7))
          }
          socket.onmessage = async ({ data }) => {
            if (typeof data === 'string') return told.push(data)
            told.push(`${data.size} bytes`)
            socket.close(4001, 'enough')
          }
          socket.onclose = ({ code, wasClean }) => {
            told.push(`${socket.protocol} ${code} ${wasClean}`)
            resolve()
          }
        })
        return told
      }, url)
    const secure = (name: string) => `${urlOf(name).replace('https', 'wss')}/socket`
    assert.deepEqual(await talk(secure('shop')), ['text ✓', '70000 bytes', 'echo 4001 true'])
    assert.deepEqual(await talk(secure('api')), [' 1006 false'])
  })

  test('reads event streams as they come, and comes back for the rest', async (t) => {
    const page = await browser.openPage(t)
    await page.goto(`${urlOf('shop')}/`)
    const next = () => once(backend, 'stream').then(() => streams.at(-1))
    const first = next()
    const events = await page.evaluateHandle(() => {
      const events: string[] = []
      new EventSource('/events').onmessage = ({ data }) => events.push(data)
      return events
    })
    const told = (count: number) =>
      page.waitForFunction(([events, count]) => events.length === count && events.join(), [events, count] as const)
    const stream = await first
    stream?.answer.write('retry: 10\nid: 1\ndata: a\n\n')
    assert.equal(await (await told(1)).jsonValue(), 'a')
    stream?.answer.write('id: 2\ndata: b\n\n')
    assert.equal(await (await told(2)).jsonValue(), 'a,b')
    const second = next()
    stream?.answer.end()
    const again = await second
    assert.equal(again?.lastId, '2')
    again?.answer.write('id: 3\ndata: c\n\n')
    assert.equal(await (await told(3)).jsonValue(), 'a,b,c')
  })

  test('is sent from HTTP to HTTPS', async (t) => {
    const page = await browser.openPage(t)
    const opened = await page.goto(`http://moved.localhost:${turnpike.gatewayPort}/?a=b`)
    assert.equal(page.url(), `${urlOf('moved')}/?a=b`)
    assert.equal(opened?.status(), 200)
    assert.equal((await opened?.request().redirectedFrom()?.response())?.status(), 308)
  })

  test('takes no certificate for a name that nobody here vouches for', async (t) => {
    const page = await browser.openPage(t)
    await assert.rejects(page.goto(`https://shop.example:${turnpike.tlsPort}/`), /net::ERR_CERT_COMMON_NAME_INVALID/)
  })
})
