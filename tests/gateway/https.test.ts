import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { type Identity, newAuthority } from '../../src/lib/fake-authority.ts'
import { requireCommands } from '../support/commands.ts'
import { call, deployDesign } from '../support/design.ts'
import { exchangeOver, get, openTls, run, shownFor, tlsRequest } from '../support/https.ts'
import { rawRequest } from '../support/raw.ts'
import { startTurnpike, type Turnpike, temporaryFolder } from '../support/turnpike.ts'

/** HTTPS with real clients: certificates by name, versions, resumption, swaps under load, redirects, client certificates. */

const root = newAuthority('Root')
const middle = root.authority('Middle')
const clients = newAuthority('Clients')
const issue = (...names: string[]) => {
  const { certificate, key } = middle.issue({ commonName: names[0] ?? '', names, usage: 'server' })
  return { chain: certificate + middle.certificate, key }
}
const fingerprint = ({ chain }: { chain: string }) => new X509Certificate(chain).fingerprint256
const alice = clients.issue({ commonName: 'alice', uris: ['spiffe://example/alice'], usage: 'client' })
const mallory = newAuthority('Clients').issue({ commonName: 'alice', usage: 'client' })
const late = clients.issue({ commonName: 'alice', notAfter: new Date(Date.now() - 1000), usage: 'client' })

let turnpike: Turnpike
let backend: Server
let backendUrl: string
before(async () => {
  // Sends back what it is sent, with the fields that tell where a request comes from.
  backend = createServer((incoming, answer) => {
    answer.setHeader('x-told', `${incoming.headers['x-forwarded-proto']} ${incoming.headers['client-cert'] ?? 'none'}`)
    incoming.pipe(answer)
  })
  backend.listen({ host: '127.0.0.1', port: 0 })
  await once(backend, 'listening')
  const address = backend.address()
  backendUrl = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : ''
  turnpike = await startTurnpike({ args: ['--workers', '2'] })
  const methods = { ANY: { backend: { kind: 'http' } } }
  await deployDesign(turnpike, 'echo', { '/': { methods } }, stageOf({ domains: ['api.example', 'www.example'] }))
  await deployDesign(turnpike, 'strict', { '/': { methods } }, stageOf({ https: 'required' }))
  const hsts = { maxAgeSeconds: 100, includeSubDomains: true }
  const broken = { backend: { kind: 'mock', headers: { 'x-query': '${request.queryString.value}' } } }
  await deployDesign(
    turnpike,
    'moved',
    { '/': { methods }, '/only': { methods: { POST: {} } }, '/broken': { methods: { GET: broken } } },
    stageOf({ https: 'redirect', hsts }),
  )
  const mtls = { authorities: clients.certificate, allow: ['uri:spiffe://example/*'], forward: true }
  const answers = { backend: { kind: 'mock', body: '${consumer.id} ${client.certificate.san}' } }
  await deployDesign(
    turnpike,
    'mutual',
    {
      '/': { plugins: [{ plugin: 'mtls', config: mtls }], methods },
      '/who': { plugins: [{ plugin: 'mtls', config: mtls }], methods: { GET: answers } },
    },
    stageOf({}),
  )
})
after(async () => {
  await turnpike.stop()
  backend.close()
})

function stageOf(stage: object) {
  return { backend: { targets: [{ url: backendUrl }] }, ...stage }
}

const statusOf = (answer: string) => Number(answer.slice(9, 12))

describe('which certificate is shown', () => {
  const exact = issue('api.example')
  const wild = issue('*.example', 'example')
  const fallback = issue('fallback.example')
  before(async () => {
    for (const [name, pair] of Object.entries({ exact, wild }))
      await call(turnpike, 'POST', '/certificates', { name, ...pair })
    await call(turnpike, 'POST', '/certificates', { name: 'fallback', ...fallback, isDefault: true })
  })
  after(async () => {
    await call(turnpike, 'PATCH', '/services/echo/stages/live', { domains: [] })
    await call(turnpike, 'POST', '/services/echo/stages/live/deployments', {})
    for (const name of ['exact', 'wild', 'fallback']) await call(turnpike, 'DELETE', `/certificates/${name}`)
  })

  const cases: readonly [servername: string, which: () => { chain: string }][] = [
    ['api.example', () => exact],
    ['API.Example', () => exact],
    ['www.example', () => wild],
    ['example', () => wild],
    ['a.b.example', () => fallback],
    ['other.test', () => fallback],
    ['', () => fallback],
  ]
  for (const [servername, which] of cases)
    test(servername || 'no name', async () => {
      // On each of the workers: whichever takes the connection.
      for (let i = 0; i < 4; i++) assert.equal(await shownFor(turnpike.tlsPort, servername), fingerprint(which()))
    })

  test('a client that trusts the root takes it', async () => {
    const socket = await openTls(turnpike.tlsPort, {
      servername: 'api.example',
      ca: root.certificate,
      rejectUnauthorized: true,
    })
    assert.ok(socket.authorized)
    assert.match(await exchangeOver(socket, get('api.example')), /^HTTP\/1\.1 200 /)
  })

  test('the list says who has which, and for how long', async () => {
    const { items } = await call(turnpike, 'GET', '/certificates')
    const [first, , last] = items as unknown as { name: string; usedBy: object[]; daysLeft: number; key?: string }[]
    assert.deepEqual(first?.usedBy, [{ service: 'echo', stage: 'live', host: 'api.example' }])
    assert.deepEqual(last?.usedBy, [{ service: 'echo', stage: 'live', host: 'www.example' }])
    assert.equal(first?.daysLeft, 29)
    assert.doesNotMatch(JSON.stringify(items), /PRIVATE KEY|\$sealed\$/)
  })

  test('one that leaves no other for a domain is not deleted', async () => {
    assert.equal((await turnpike.api('DELETE', '/certificates/wild')).status, 409)
    const { status, body } = await turnpike.api('DELETE', '/certificates/wild')
    assert.equal(status, 409)
    assert.match(String(body.detail), /only one for www\.example \(echo\/live\)/)
  })

  test('one with everything wrong is refused with all that is wrong, and nothing has changed', async () => {
    const other = issue('api.example')
    const expired = middle.issue({ commonName: 'x', names: ['x.example'], notAfter: new Date(Date.now() - 1000) })
    const refused: [object, string[]][] = [
      [{ chain: root.certificate + exact.chain, key: exact.key }, ['/chain', '/key']],
      [{ chain: expired.certificate, key: other.key }, ['/chain', '/key']],
      [{ chain: exact.chain, key: other.key }, ['/key']],
      [{ chain: `${'x'.repeat(70_000)}`, key: other.key }, ['/chain']],
      [{ key: other.key }, ['/chain']],
    ]
    for (const [pair, paths] of refused) {
      const { status, body } = await turnpike.api('PATCH', '/certificates/exact', pair)
      assert.ok(status === 400 || status === 422, JSON.stringify(body))
      const errors = body.errors as unknown as { path: string }[]
      assert.deepEqual([...new Set(errors.map(({ path }) => path))].sort(), paths)
    }
    const huge = await turnpike.api('POST', '/certificates', { name: 'huge', chain: 'x'.repeat(2_000_000), key: 'x' })
    assert.equal(huge.status, 413)
    assert.equal(await shownFor(turnpike.tlsPort, 'api.example'), fingerprint(exact))
  })

  test('a private key is nowhere to be read again', async () => {
    const secret = exact.key.split('\n')[1] ?? ''
    assert.equal(secret.length, 64)
    for (const path of ['/certificates', '/certificates/exact', '/audit?limit=100', '/declarative'])
      assert.ok(!JSON.stringify((await turnpike.api('GET', path)).body).includes(secret.slice(0, 40)), path)
    for (const file of ['turnpike.db', 'turnpike.db-wal'])
      assert.ok(!readFileSync(join(turnpike.data, file)).includes(secret.slice(0, 40)), file)
    assert.ok(!turnpike.output().includes(secret.slice(0, 40)))
  })
})

describe('names below the base domain', () => {
  test('have the local authority, which is in the data folder', async () => {
    const ca = readFileSync(join(turnpike.data, 'local-authority.pem'), 'utf8')
    assert.equal((await call(turnpike, 'GET', '/local-authority')).certificate as unknown, ca)
    for (const servername of ['echo.localhost', 'strict.localhost', 'localhost']) {
      const socket = await openTls(turnpike.tlsPort, { servername, ca, rejectUnauthorized: true })
      assert.ok(socket.authorized)
      socket.destroy()
    }
  })

  test('where nothing is served have that of localhost: nobody makes us sign what they like', async () => {
    const socket = await openTls(turnpike.tlsPort, { servername: 'made-up.localhost' })
    assert.match(socket.getPeerCertificate().subjectaltname ?? '', /^DNS:localhost/)
    socket.destroy()
  })
})

describe('the handshake', () => {
  const servername = 'echo.localhost'
  const skip = requireCommands(['openssl', 'curl'])
  const openssl = (...args: string[]) =>
    run('openssl', ['s_client', '-connect', `127.0.0.1:${turnpike.tlsPort}`, '-servername', servername, ...args])

  for (const [version, isTaken] of [
    ['-tls1_1', false],
    ['-tls1_2', true],
    ['-tls1_3', true],
  ] as const)
    test(`openssl ${version}: ${isTaken ? 'taken' : 'refused'}`, { skip }, async () => {
      const { text } = await openssl(version)
      if (isTaken) assert.match(text, /New, TLSv1\.[23], Cipher is (TLS_AES|ECDHE)/)
      else assert.match(text, /alert protocol version|no protocols available/)
    })

  test('no cipher without forward secrecy', { skip }, async () => {
    const { text } = await openssl('-tls1_2', '-cipher', 'AES128-GCM-SHA256:AES256-SHA')
    assert.match(text, /alert handshake failure/)
  })

  test('ALPN: what both speak, and an alert where that is nothing', { skip }, async () => {
    assert.match((await openssl('-alpn', 'spdy/3,http/1.1')).text, /ALPN protocol: http\/1\.1/)
    assert.match((await openssl('-alpn', 'spdy/3')).text, /no application protocol/)
    assert.match((await openssl()).text, /No ALPN negotiated/)
  })

  test('ALPN: HTTP/2 where the client speaks it, with client certificates too', async () => {
    for (const [host, path, identity, body] of [
      ['echo.localhost', '/', null, ''],
      ['mutual.localhost', '/who', alice, 'CN=alice URI:spiffe://example/alice'],
    ] as const) {
      const credentials = identity && { cert: identity.certificate, key: identity.key }
      const session = connectHttp2(`https://${host}`, {
        createConnection: () =>
          connectTls({
            host: '127.0.0.1',
            port: turnpike.tlsPort,
            servername: host,
            rejectUnauthorized: false,
            ALPNProtocols: ['h2'],
            ...credentials,
          }),
      })
      const stream = session.request({ ':path': path })
      const [headers] = await once(stream, 'response')
      let answer = ''
      for await (const chunk of stream) answer += chunk
      session.close()
      assert.equal(headers[':status'], 200)
      assert.equal(answer, body)
    }
  })

  test('sessions are taken up again, whichever worker made their tickets', { skip }, async () => {
    const { text } = await openssl('-tls1_2', '-reconnect')
    assert.equal(text.match(/^Reused, TLSv1\.2/gm)?.length, 5, text)
    const file = join(temporaryFolder(), 'session')
    // The ticket of TLS 1.3 comes after the handshake: with an answer.
    const request = get(servername)
    const args = [
      's_client',
      '-connect',
      `127.0.0.1:${turnpike.tlsPort}`,
      '-servername',
      servername,
      '-tls1_3',
      '-ign_eof',
    ]
    await run('openssl', [...args, '-sess_out', file], request)
    for (let i = 0; i < 4; i++)
      assert.match((await run('openssl', [...args, '-sess_in', file], request)).text, /^Reused, TLSv1\.3/m)
  })

  test('a session of one host is not taken up by another', { skip }, async () => {
    const { text } = await run('openssl', [
      's_client',
      '-connect',
      `127.0.0.1:${turnpike.tlsPort}`,
      '-servername',
      servername,
      '-tls1_2',
      '-sess_out',
      join(turnpike.data, 's'),
    ])
    assert.match(text, /New, TLSv1\.2/)
    const other = ['-servername', 'strict.localhost', '-tls1_2', '-sess_in', join(turnpike.data, 's')]
    assert.match(
      (await run('openssl', ['s_client', '-connect', `127.0.0.1:${turnpike.tlsPort}`, ...other])).text,
      /^New, /m,
    )
  })

  test('curl, with the authority', { skip }, async () => {
    const ca = join(turnpike.data, 'local-authority.pem')
    const to = ['--resolve', `${servername}:${turnpike.tlsPort}:127.0.0.1`]
    const { text } = await run('curl', [
      '-sS',
      '--cacert',
      ca,
      ...to,
      '-d',
      'hello',
      `https://${servername}:${turnpike.tlsPort}/`,
    ])
    assert.equal(text, 'hello')
    const untrusted = await run('curl', ['-sS', ...to, `https://${servername}:${turnpike.tlsPort}/`])
    assert.equal(untrusted.code, 60)
  })

  test('plain HTTP on the port of TLS ends', async () => {
    assert.doesNotMatch(await rawRequest(turnpike.tlsPort, get(servername)), /HTTP/)
  })

  test('a half of it, and then silence, holds up nobody', async () => {
    const stalled = await Promise.all(Array.from({ length: 20 }, () => openStalled(turnpike.tlsPort)))
    assert.equal(statusOf(await tlsRequest(turnpike.tlsPort, get(servername), { servername })), 200)
    for (const socket of stalled) socket.destroy()
  })
})

/** A connection that has sent the beginning of a ClientHello. */
async function openStalled(port: number) {
  const { connect } = await import('node:net')
  const socket = connect({ host: '127.0.0.1', port })
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  socket.write(Buffer.of(0x16, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3))
  return socket
}

describe('requests', () => {
  const servername = 'echo.localhost'

  test('tell the backend that they came by HTTPS', async () => {
    const answer = await tlsRequest(
      turnpike.tlsPort,
      get(servername, '/', 'X-Forwarded-Proto: http', 'Client-Cert: :AA==:'),
      { servername },
    )
    assert.match(answer, /x-told: https none/)
  })

  test('of one connection follow one another, in pieces of any size', async () => {
    const socket = await openTls(turnpike.tlsPort, { servername })
    const bytes = `POST / HTTP/1.1\r\nHost: ${servername}\r\nContent-Length: 3\r\n\r\nabc`.repeat(20)
    for (const byte of bytes) socket.write(byte)
    const answer = await exchangeOver(socket, get(servername))
    assert.equal(answer.match(/HTTP\/1\.1 200 /g)?.length, 21)
  })

  test('have bodies of megabytes both ways, whole', async () => {
    const body = Buffer.alloc(8_000_000, 'The quick brown fox. ').toString('latin1')
    const head = `POST / HTTP/1.1\r\nHost: ${servername}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
    const answer = await tlsRequest(turnpike.tlsPort, head + body, { servername })
    assert.equal(statusOf(answer), 200)
    assert.ok(dechunked(answer) === body, 'the body came back different')
  })

  test('are answered where the client has ended its side', async () => {
    const socket = await openTls(turnpike.tlsPort, { servername })
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
    })
    const closed = once(socket, 'close')
    socket.end(`GET / HTTP/1.1\r\nHost: ${servername}\r\n\r\n`)
    await closed
    assert.equal(statusOf(answer), 200)
  })
})

/** The body of an answer in chunks. */
function dechunked(answer: string): string {
  let rest = answer.slice(answer.indexOf('\r\n\r\n') + 4)
  let body = ''
  for (;;) {
    const line = rest.indexOf('\r\n')
    const size = Number.parseInt(rest.slice(0, line), 16)
    if (!(size > 0)) return body
    body += rest.slice(line + 2, line + 2 + size)
    rest = rest.slice(line + 4 + size)
  }
}

describe('a certificate that is swapped', () => {
  const name = 'swap.example'
  test('under load: no request fails, open connections go on, new ones have the new one', async () => {
    const first = issue(name)
    await call(turnpike, 'POST', '/certificates', { name: 'swap', ...first })
    const kept = await openTls(turnpike.tlsPort, { servername: name })
    assert.equal(kept.getPeerCertificate().fingerprint256, fingerprint(first))

    let isOver = false
    const statuses = new Map<number, number>()
    // Some keep their connections, some open one for each request.
    const load = [true, true, false, false].map(async (keepAlive) => {
      const agent = new Agent({ keepAlive, maxSockets: 1, maxCachedSessions: 0 })
      while (!isOver) {
        const status = await statusBy(agent, name)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
      agent.destroy()
    })
    let last = first
    for (let i = 0; i < 15; i++) {
      last = issue(name)
      await call(turnpike, 'PATCH', '/certificates/swap', last)
      // From the answer on, every worker has it.
      for (let j = 0; j < 3; j++) assert.equal(await shownFor(turnpike.tlsPort, name), fingerprint(last))
    }
    isOver = true
    await Promise.all(load)
    assert.deepEqual([...statuses.keys()], [200], JSON.stringify([...statuses]))
    assert.equal(statusOf(await exchangeOver(kept, get('echo.localhost'))), 200)
    await call(turnpike, 'DELETE', '/certificates/swap')
  })

  test('by its successor with the same key, the chain alone is enough', async () => {
    const { certificate, key } = middle.issue({ commonName: 'a', names: [name], usage: 'server' })
    await call(turnpike, 'POST', '/certificates', { name: 'same-key', chain: certificate, key })
    const made = await call(turnpike, 'PATCH', '/certificates/same-key', { chain: certificate + middle.certificate })
    assert.equal(made.version as unknown, 2)
    await call(turnpike, 'DELETE', '/certificates/same-key')
  })

  test('is the same after a start', async () => {
    const pair = issue(name)
    await call(turnpike, 'POST', '/certificates', { name: 'lasting', ...pair })
    await turnpike.kill()
    turnpike = await turnpike.again()
    assert.equal(await shownFor(turnpike.tlsPort, name), fingerprint(pair))
    await call(turnpike, 'DELETE', '/certificates/lasting')
  })
})

describe('in a file', () => {
  const name = 'file.example'
  const apply = (certificates: object, prune = false) =>
    turnpike.api('POST', '/declarative/apply', { document: { turnpike: 1, certificates }, prune })
  const differencesOf = ({ body }: Awaited<ReturnType<typeof apply>>) =>
    (body.changes as unknown as { action: string; name: string }[]).map(({ action, name }) => `${action} ${name}`)

  test('a certificate is applied, exported with its key encrypted, and the export changes nothing', async () => {
    const [first, second] = [issue(name), issue(name)]
    assert.deepEqual(differencesOf(await apply({ [name]: { chain: first.chain, key: first.key } })), [`create ${name}`])
    assert.equal(await shownFor(turnpike.tlsPort, name), fingerprint(first))
    const { certificates } = await call(turnpike, 'GET', '/declarative')
    assert.match(String(certificates?.[name]?.key), /^\$sealed\$/)
    assert.deepEqual(differencesOf(await apply(certificates ?? {}, true)), [])
    // The key stays where it is left out.
    assert.deepEqual(differencesOf(await apply({ [name]: { chain: first.chain } })), [])
    assert.deepEqual(differencesOf(await apply({ [name]: second })), [`update ${name}`])
    assert.equal(await shownFor(turnpike.tlsPort, name), fingerprint(second))
    assert.deepEqual(differencesOf(await apply({}, true)), [`delete ${name}`])
    assert.notEqual(await shownFor(turnpike.tlsPort, name), fingerprint(second))
  })

  test('what is wrong is told where it stands', async () => {
    const pair = issue(name)
    const { status, body } = await apply({
      new: { chain: pair.chain },
      mixed: { ...pair, key: issue(name).key },
      foreign: { ...pair, key: '$sealed$AAAA' },
      odd: { ...pair, keys: '' },
    })
    assert.equal(status, 422)
    assert.deepEqual((body.errors as unknown as { path: string }[]).map(({ path }) => path).sort(), [
      '/certificates/foreign/key',
      '/certificates/mixed/key',
      '/certificates/new/key',
      '/certificates/odd/keys',
    ])
  })
})

async function statusBy(agent: Agent, servername: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const asked = request(
    {
      agent,
      host: '127.0.0.1',
      port: turnpike.tlsPort,
      servername,
      rejectUnauthorized: false,
      headers: { host: 'echo.localhost' },
    },
    (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
    },
  )
  asked.on('error', () => resolve(0))
  asked.end()
  return promise
}

describe('plain HTTP', () => {
  const locationOf = (answer: string) => /^Location: (.*)\r$/m.exec(answer)?.[1]

  test('is sent to HTTPS where the stage says so, to the same target', async () => {
    const withPort = await rawRequest(
      turnpike.gatewayPort,
      get(`moved.localhost:${turnpike.gatewayPort}`, '/a%20b?c=d'),
    )
    assert.equal(statusOf(withPort), 308)
    assert.equal(locationOf(withPort), `https://moved.localhost:${turnpike.tlsPort}/a%20b?c=d`)
    assert.equal(
      locationOf(await rawRequest(turnpike.gatewayPort, get('moved.localhost', '//evil.example/'))),
      'https://moved.localhost//evil.example/',
    )
    assert.equal(
      locationOf(await rawRequest(turnpike.gatewayPort, get('moved.localhost', 'http://moved.localhost/x?y'))),
      'https://moved.localhost/x?y',
    )
    assert.doesNotMatch(withPort, /Strict-Transport-Security/i)
  })

  test('is refused where the stage says that', async () => {
    const answer = await rawRequest(turnpike.gatewayPort, get('strict.localhost'))
    assert.equal(statusOf(answer), 403)
    assert.match(answer, /"code":"https-required"/)
    assert.equal(statusOf(await tlsRequest(turnpike.tlsPort, get('strict.localhost'))), 200)
  })

  test('is no more where browsers have been told so, by every answer', async () => {
    const asked: readonly [request: string, status: number][] = [
      [get('moved.localhost'), 200],
      [get('moved.localhost', '/not-there'), 404],
      [get('moved.localhost', '/only'), 405],
      [get('moved.localhost', '/../..'), 400],
      [get('moved.localhost', '/broken?value=a%0Ab'), 500],
      ['OPTIONS * HTTP/1.1\r\nHost: moved.localhost\r\nConnection: close\r\n\r\n', 204],
    ]
    for (const [request, status] of asked) {
      const answer = await tlsRequest(turnpike.tlsPort, request)
      assert.equal(statusOf(answer), status)
      assert.deepEqual(answer.match(/^Strict-Transport-Security: .*(?=\r$)/gim), [
        'Strict-Transport-Security: max-age=100; includeSubDomains',
      ])
    }
    assert.doesNotMatch(await tlsRequest(turnpike.tlsPort, get('echo.localhost')), /Strict-Transport-Security/)
  })
})

describe('client certificates', () => {
  const by = (identity: Identity | null, servername = 'mutual.localhost') => ({
    servername,
    ...(identity && { cert: identity.certificate, key: identity.key }),
  })
  const asked = (servername: string) =>
    run('openssl', ['s_client', '-connect', `127.0.0.1:${turnpike.tlsPort}`, '-servername', servername])

  test('are asked for on the hosts that need them, and on no other', {
    skip: requireCommands(['openssl']),
  }, async () => {
    assert.match((await asked('mutual.localhost')).text, /Acceptable client certificate CA names\nCN = Clients/)
    assert.match((await asked('echo.localhost')).text, /No client certificate CA names sent/)
  })

  const cases: readonly [title: string, identity: Identity | null, status: number, code: RegExp][] = [
    ['by the authority: let in', alice, 200, /CN=alice URI:spiffe:\/\/example\/alice/],
    ['none', null, 403, /mtls-missing/],
    ['by an authority of the same name', mallory, 403, /mtls-invalid/],
    ['expired', late, 403, /CERT_HAS_EXPIRED/],
    ['by the authority, but not allowed', clients.issue({ commonName: 'bob', usage: 'client' }), 403, /mtls-denied/],
    ['for servers', clients.issue({ commonName: 'alice', usage: 'server' }), 403, /INVALID_PURPOSE/],
  ]
  for (const [title, identity, status, code] of cases)
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
      test(`${title} (${maxVersion})`, async () => {
        const answer = await tlsRequest(turnpike.tlsPort, get('mutual.localhost', '/who'), {
          ...by(identity),
          maxVersion,
        })
        assert.equal(statusOf(answer), status, answer)
        assert.match(answer, code)
      })

  test('reach the backend if they are to, and only the verified one', async () => {
    const answer = await tlsRequest(turnpike.tlsPort, get('mutual.localhost', '/', 'Client-Cert: :AAAA:'), by(alice))
    assert.match(
      answer,
      new RegExp(
        `x-told: https :${new X509Certificate(alice.certificate).raw.toString('base64').replaceAll('+', '\\+')}:`,
      ),
    )
  })

  test('plain HTTP, another host, and a connection of before are told apart', async () => {
    assert.match(await rawRequest(turnpike.gatewayPort, get('mutual.localhost', '/who')), / 403 [\s\S]*mtls-no-tls/)
    const other = await openTls(turnpike.tlsPort, by(alice, 'echo.localhost'))
    const answer = await exchangeOver(other, 'GET /who HTTP/1.1\r\nHost: mutual.localhost\r\n\r\n')
    assert.match(answer, /^HTTP\/1\.1 421 [\s\S]*Connection: close[\s\S]*mtls-misdirected/)
  })

  test('hold for the whole connection, one request after the other', async () => {
    const socket = await openTls(turnpike.tlsPort, by(alice))
    const answer = await exchangeOver(
      socket,
      `GET /who HTTP/1.1\r\nHost: mutual.localhost\r\n\r\n${get('mutual.localhost', '/who')}`,
    )
    assert.equal(answer.match(/ 200 OK/g)?.length, 2)
  })

  test('are not carried over by sessions', async () => {
    const first = await openTls(turnpike.tlsPort, by(alice))
    let session: Buffer | undefined
    first.on('session', (ticket) => {
      session = ticket
    })
    await exchangeOver(first, get('mutual.localhost', '/who'))
    const again: TLSSocket = await openTls(turnpike.tlsPort, { ...by(null), ...(session && { session }) })
    assert.equal(again.isSessionReused(), false)
    assert.equal(statusOf(await exchangeOver(again, get('mutual.localhost', '/who'))), 403)
  })

  test('curl', { skip: requireCommands(['curl']) }, async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'cert.pem'), alice.certificate)
    writeFileSync(join(folder, 'key.pem'), alice.key)
    const url = `https://mutual.localhost:${turnpike.tlsPort}/who`
    const to = [
      '--resolve',
      `mutual.localhost:${turnpike.tlsPort}:127.0.0.1`,
      '--cacert',
      join(turnpike.data, 'local-authority.pem'),
    ]
    const { text } = await run('curl', [
      '-sS',
      ...to,
      '--cert',
      join(folder, 'cert.pem'),
      '--key',
      join(folder, 'key.pem'),
      url,
    ])
    assert.match(text, /^CN=alice /)
  })
})
