import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { call, deployDesign } from '../support/design.ts'
import { RawClient, rawRequest } from '../support/raw.ts'
import { freePort, type Json, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The access log of the real program. */

const SECRET = 'hush-4b1d9e77'
let turnpike: Turnpike
let backend: Server
before(async () => {
  backend = createServer((request, answer) => {
    if (request.url === '/broken') return answer.destroy()
    if (request.url === '/a/slow') return
    answer.writeHead(200, { 'set-cookie': `sid=${SECRET}` }).end('fine')
  })
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  turnpike = await startTurnpike({ args: ['--workers', '2'] })
})
after(async () => {
  await turnpike.stop()
  backend.close()
})

const portOf = (server: Server) => (server.address() as AddressInfo).port

/** A service whose paths go to the backend, logged by its stage. */
async function deployLogged(service: string, config: object, more: readonly object[] = []): Promise<void> {
  await deployDesign(
    turnpike,
    service,
    { '/a/{id}': { methods: { GET: {}, POST: {} } }, '/broken': { methods: { GET: {} } } },
    {
      backend: { targets: [{ url: `http://127.0.0.1:${portOf(backend)}` }] },
      plugins: [{ plugin: 'access-log', config }, ...more],
    },
  )
}

function linesOf(service: string, name = 'access'): string[] {
  const file = join(turnpike.data, 'logs', service, 'live', `${name}.log`)
  return existsSync(file) ? readFileSync(file, 'latin1').split('\n').slice(0, -1) : []
}

async function untilLines(service: string, count: number, name = 'access'): Promise<string[]> {
  for (;;) {
    const lines = linesOf(service, name)
    if (lines.length >= count) return lines
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const head = (service: string, line: string, fields = '') =>
  `${line} HTTP/1.1\r\nHost: ${service}.localhost\r\n${fields}Connection: close\r\n\r\n`

describe('the access log', () => {
  test('has a line for each request of a stage, whatever came of it', async () => {
    await deployLogged('every', {
      sinks: [{ file: {} }],
      fields: ['method', 'path', 'route', 'status', 'error', 'answeredBy', 'upstream', 'requestId'],
    })
    const requests: readonly (readonly [line: string, fields: string, expected: object])[] = [
      [
        'GET /a/1',
        '',
        { path: '/a/1', route: '/a/{id}', status: 200, upstream: `http://127.0.0.1:${portOf(backend)}` },
      ],
      ['GET /nothing', '', { path: '/nothing', status: 404, error: 'not-found' }],
      ['DELETE /a/1', '', { method: 'DELETE', path: '/a/1', status: 405, error: 'method-not-allowed' }],
      ['GET /broken', '', { path: '/broken', status: 502, error: 'backend-closed' }],
      ['GET /a/%2F', '', { path: '/a/%2F', status: 400, error: 'invalid-uri' }],
      [
        'POST /a/2',
        'Content-Length: 99999999\r\n',
        { method: 'POST', path: '/a/2', status: 413, error: 'payload-too-large' },
      ],
    ]
    const answers = []
    for (const [line, fields] of requests)
      answers.push(await rawRequest(turnpike.gatewayPort, head('every', line, fields)))
    const lines = (await untilLines('every', requests.length)).map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    )
    assert.equal(lines.length, requests.length)
    for (const [i, [line, , expected]] of requests.entries()) {
      const logged = lines.find(({ method, path }) => `${method} ${path}` === line) ?? {}
      for (const [name, value] of Object.entries(expected))
        if (name !== 'error' || line !== 'GET /broken') assert.equal(logged[name], value, `${line} ${name}`)
      // The id of the line is the one that the client was told.
      const told: string | undefined = /"requestId":"([0-9a-f]{32})"/.exec(answers[i] ?? '')?.[1]
      if (told !== undefined) assert.equal(logged.requestId, told, line)
    }
  })

  test('tells that a client went away', async () => {
    await deployLogged('aborted', { sinks: [{ file: {} }] })
    const client = new RawClient(turnpike.gatewayPort)
    client.write('GET /a/slow HTTP/1.1\r\nHost: aborted.localhost\r\n\r\n')
    // The backend has it, and never answers.
    await new Promise<void>((resolve) => backend.once('request', () => resolve()))
    // A reset: one that only ends its side may still be waiting for its answer.
    client.socket.resetAndDestroy()
    const [line = ''] = await untilLines('aborted', 1)
    const { aborted, level } = JSON.parse(line)
    assert.deepEqual([aborted, level], [true, 'warn'])
  })

  test('shows no credential, in any sink or format', async () => {
    const taken: string[] = []
    const receiver = createServer((request, answer) => {
      request.on('data', (part) => taken.push(String(part)))
      request.on('end', () => answer.end())
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const fields = (await fieldNames()) as unknown as string[]
    const http = {
      url: `http://127.0.0.1:${portOf(receiver)}/${SECRET}`,
      secret: `Bearer ${SECRET}`,
      batchSeconds: 0.1,
    }
    const extra = [{ name: 'door', value: '${request.header.x-door} ${request.queryString.door} ${request.uri}' }]
    const keyAuth = { plugin: 'key-auth', config: { header: 'X-Door', query: 'door', keep: true } }
    await deployLogged('planted', { sinks: [{ file: {} }, { http }], fields, extra }, [keyAuth])
    await deployLogged('planted-too', { sinks: [{ file: {} }], format: 'combined' }, [keyAuth])
    const value = `${SECRET}0123456789`.replaceAll('-', '')
    await call(turnpike, 'POST', '/keys', { name: 'planted', primary: value })
    const request = (service: string) =>
      head(
        service,
        `GET /a/1?door=${value}&access_token=${SECRET}`,
        `Authorization: Bearer ${SECRET}\r\nCookie: sid=${SECRET}\r\nX-Door: ${value}\r\nX-API-Key: ${SECRET}\r\nReferer: https://u:${SECRET}@a.example/?token=${SECRET}\r\n`,
      )
    for (const service of ['planted', 'planted-too']) await rawRequest(turnpike.gatewayPort, request(service))
    const lines = [...(await untilLines('planted', 1)), ...(await untilLines('planted-too', 1))]
    while (taken.join('') === '') await new Promise((resolve) => setTimeout(resolve, 20))
    receiver.close()
    const status = JSON.stringify((await turnpike.api('GET', '/status')).body)
    for (const text of [...lines, ...taken, status, turnpike.output()]) {
      assert.ok(!text.includes(SECRET), text)
      assert.ok(!text.includes(value), text)
    }
    assert.ok(lines[0]?.includes('"door":"*** *** /a/1?door=***&access_token=***"'), lines.join())
    // The secret of the sink is write-only.
    const read = JSON.stringify((await turnpike.api('GET', '/services/planted/stages/live')).body)
    assert.ok(!read.includes(`Bearer ${SECRET}`))
  })

  test('traffic goes on where a receiver is dead, and the status says so', async () => {
    const port = await freePort()
    const http = { url: `http://127.0.0.1:${port}/`, batchSeconds: 0.1, timeout: 1, retrySeconds: 0 }
    await deployLogged('dead', { sinks: [{ http }] })
    for (let i = 0; i < 20; i++)
      assert.match(await rawRequest(turnpike.gatewayPort, head('dead', `GET /a/${i}`)), /^HTTP\/1\.1 200/)
    const sink = async () => (await statusOf('dead')) as unknown as { droppedLines: number; trouble: string | null }
    while ((await sink())?.droppedLines !== 20) await new Promise((resolve) => setTimeout(resolve, 50))
    assert.match((await sink()).trouble ?? '', /does not take lines/)
    assert.match(turnpike.output(), /access log of dead\/live, http [^ ]+: .*traffic goes on/)
    const taken: string[] = []
    const receiver = createServer((request, answer) => {
      request.on('data', (part) => taken.push(String(part)))
      request.on('end', () => answer.end())
    })
    await new Promise<void>((resolve) => receiver.listen(port, '127.0.0.1', resolve))
    await rawRequest(turnpike.gatewayPort, head('dead', 'GET /a/last'))
    while (!taken.join('').includes('/a/last')) await new Promise((resolve) => setTimeout(resolve, 50))
    receiver.close()
    assert.match(taken.join(''), /"event":"dropped","lines":20\}/)
  })

  test('no line is lost or torn over rotations under load', async () => {
    await deployLogged('rotated', {
      sinks: [{ file: { maxBytes: 20_000, keep: 1000 } }],
      fields: ['path', 'status'],
      extra: [{ name: 'filler', value: 'x'.repeat(200) }],
    })
    const each = 400
    const clients = Array.from({ length: 4 }, (_, client) => {
      const raw = new RawClient(turnpike.gatewayPort)
      for (let i = 0; i < each; i++) raw.write(`GET /a/${client}-${i} HTTP/1.1\r\nHost: rotated.localhost\r\n\r\n`)
      return raw
    })
    await Promise.all(clients.map((client) => client.untilResponses(each)))
    for (const { socket } of clients) socket.destroy()
    const folder = join(turnpike.data, 'logs', 'rotated', 'live')
    const read = () =>
      readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'latin1').split('\n').slice(0, -1))
    while (!existsSync(folder) || read().length < each * 4) await new Promise((resolve) => setTimeout(resolve, 20))
    const paths = read().map((line) => (JSON.parse(line) as { path: string }).path)
    assert.equal(new Set(paths).size, each * 4)
    assert.equal(paths.length, each * 4)
    assert.ok(readdirSync(folder).length > 3, readdirSync(folder).join())
  })

  test('what was answered is in the file when the program has stopped; a kill loses at most what was not handed over', async () => {
    const other = await startTurnpike({ args: ['--workers', '2', '--log-folder', join(turnpike.data, 'elsewhere')] })
    const here = join(turnpike.data, 'elsewhere', 'ends', 'live', 'access.log')
    await deployDesign(
      other,
      'ends',
      { '/a/{id}': { methods: { GET: { backend: { kind: 'mock', body: 'x' } } } } },
      { plugins: [{ plugin: 'access-log', config: { sinks: [{ file: {} }], fields: ['path'] } }] },
    )
    const ask = async (port: number, from: number, count: number) => {
      for (let i = from; i < from + count; i++) await rawRequest(port, head('ends', `GET /a/${i}`))
    }
    await ask(other.gatewayPort, 0, 20)
    while (!existsSync(here) || readFileSync(here, 'latin1').split('\n').length < 21)
      await new Promise((resolve) => setTimeout(resolve, 20))
    await other.kill()
    const again = await other.again()
    await ask(again.gatewayPort, 20, 20)
    assert.equal(await again.stop(), 0)
    const lines = readFileSync(here, 'latin1').split('\n')
    assert.equal(lines.pop(), '')
    assert.deepEqual(
      lines.map((line) => Number(line.replace(/\D/g, ''))).sort((a, b) => a - b),
      Array.from({ length: 40 }, (_, i) => i),
    )
  })
})

async function statusOf(service: string): Promise<Json | undefined> {
  const { body } = await turnpike.api('GET', '/status')
  const sinks = body.nodes?.[0]?.accessLogs as unknown as Json[]
  return sinks.find(({ owner }) => String(owner) === `${service}/live`)
}

/** All fields that there are, as the API's own document has them. */
async function fieldNames(): Promise<Json> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/plugins/access-log.md'), 'utf8')
  return [...text.matchAll(/^\| `([a-zA-Z]+)` \| [^|]+ \|$/gm)].map((match) => match[1]) as unknown as Json
}
