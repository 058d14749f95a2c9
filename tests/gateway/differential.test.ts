import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, METHODS, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { play } from '../../src/gateway/http1/fake-connection.ts'
import { wireCases } from '../../src/gateway/http1/wire.cases.ts'
import { requireCommands, searchPath } from '../support/commands.ts'
import { freePort, temporaryFolder } from '../support/turnpike.ts'

/**
 * Our codec beside two that the world uses, on the same bytes: what both Node.js and nginx refuse, we refuse. Published
 * requests, our own table, and both with random damage.
 */

const DAMAGED = 3000
const IN_PARALLEL = 32
const skip = requireCommands(['nginx'])

let node: Server
let nginx: { port: number; stop(): void }
before(async () => {
  // What does not end is given up soon: nobody waits here.
  node = createServer(
    { requestTimeout: 500, headersTimeout: 500, connectionsCheckingInterval: 100 },
    (incoming, answer) => incoming.resume().once('end', () => answer.end('ok')),
  )
  node.keepAliveTimeout = 500
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve))
  if (skip === false) nginx = await startNginx((node.address() as AddressInfo).port)
})
after(() => {
  node.closeAllConnections()
  node.close()
  nginx?.stop()
})

test('what Node.js and nginx both refuse, we refuse', { skip }, async () => {
  const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/http1-requests.json'), 'utf8')) as {
    cases: { wire: string }[]
  }
  const whole = [...wireCases, ...cases].map(({ wire }) =>
    Buffer.from(wire.replaceAll('@HOST@', 'a.example'), 'latin1'),
  )
  const seed = Date.now() & 0x7fffffff
  const damage = fc.array(fc.tuple(fc.nat(), fc.constantFrom(...interesting)), { minLength: 1, maxLength: 3 })
  const damaged = fc.sample(fc.tuple(fc.constantFrom(...whole), damage), { numRuns: DAMAGED, seed }).map(applyDamage)
  const wires = [...whole, ...damaged]

  const disagreements: string[] = []
  let refusedByBoth = 0
  const areRefused = async (wire: Buffer) =>
    (await firstVerdict((node.address() as AddressInfo).port, wire)) === 'refused' &&
    (await firstVerdict(nginx.port, wire)) === 'refused'
  await inParallel(wires, async (wire) => {
    if (!(await areRefused(wire))) return
    refusedByBoth++
    const [ours] = play([wire]).requests
    // Those two know a list of methods. Any token is one (RFC 9110, section 9.1), and the router decides about it.
    if (ours?.isComplete !== true || !METHODS.includes(ours.method)) return
    // They may have meant what comes behind the request that we served.
    const first = firstRequest(wire)
    if (await areRefused(first)) disagreements.push(JSON.stringify(first.toString('latin1')))
  })
  assert.deepEqual(disagreements, [], `seed ${seed}`)
  assert.ok(
    refusedByBoth > 200,
    `only ${refusedByBoth} of ${wires.length} were refused by both: the test looks at nothing`,
  )
})

/** Bytes that mean something to somebody's parser. */
const interesting = [...Buffer.from('\0\t\n\r !"#%,-.:;_0159AGahx|~\x7f\x80\xff', 'latin1')]

function applyDamage([wire, damage]: [Buffer, [number, number][]]): Buffer {
  const bytes = Buffer.from(wire)
  for (const [place, byte] of damage) bytes[place % bytes.length] = byte
  return bytes
}

/** The bytes of the first request in `wire`, as our codec cuts it. */
function firstRequest(wire: Buffer): Buffer {
  for (let end = 1; end < wire.length; end++) {
    const part = wire.subarray(0, end)
    if (play([part]).requests[0]?.isComplete === true) return part
  }
  return wire
}

async function inParallel<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = list.values()
  await Promise.all(
    Array.from({ length: IN_PARALLEL }, async () => {
      for (const one of rest) await work(one)
    }),
  )
}

/** What a server makes of the first request in some bytes, by the status of its first answer. */
function firstVerdict(port: number, wire: Buffer): Promise<'served' | 'refused' | 'undecided'> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(wire))
    const settle = () => {
      const status = Number(/^HTTP\/1\.1 ([2-5]\d\d)/.exec(text)?.[1] ?? 0)
      socket.destroy()
      resolve(status === 200 ? 'served' : status === 0 || status === 408 ? 'undecided' : 'refused')
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      // "100 Continue" is no verdict yet.
      text = text.replace(/^HTTP\/1\.1 1\d\d [^\r]*\r\n\r\n/, '')
      if (text.length > 12) settle()
    })
    socket.on('close', settle)
    socket.on('error', () => socket.destroy())
  })
}

/** An nginx that passes everything on, so that it must read bodies too. */
async function startNginx(backendPort: number): Promise<{ port: number; stop(): void }> {
  const port = await freePort()
  const folder = temporaryFolder()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  )
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/log;
events { worker_connections 1024; }
http {
  access_log off; ${temporary.join(' ')}
  client_header_timeout 500ms; client_body_timeout 500ms; keepalive_timeout 500ms;
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${backendPort}; } }
}`,
  )
  const child = spawn('nginx', ['-c', file, '-e', `${folder}/log`], {
    stdio: 'inherit',
    env: { ...process.env, PATH: searchPath },
  })
  const probe = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  while ((await firstVerdict(port, probe)) !== 'served') assert.equal(child.exitCode, null, 'nginx has ended')
  return { port, stop: () => child.kill('SIGTERM') }
}
