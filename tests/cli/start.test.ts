import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { freePort, runTurnpike, startTurnpike, temporaryFolder } from '../support/turnpike.ts'

/** `turnpike start` called wrongly: one clear sentence, an exit code that is not 0, and nothing half-made. */

/** Of what these tests look at, more workers have no more. */
const ONE_WORKER = ['--workers', '1']

let busy: Server
let busyPort: number
before(async () => {
  busy = createServer()
  await new Promise<void>((resolve) => busy.listen({ host: '127.0.0.1', port: 0 }, resolve))
  const address = busy.address()
  busyPort = typeof address === 'object' && address !== null ? address.port : 0
})
after(() => busy.close())

const onFreePorts = async (data: string, ...more: string[]) => [
  'start',
  '--data',
  data,
  '--gateway-host',
  '127.0.0.1',
  '--gateway-port',
  String(await freePort()),
  '--management-port',
  String(await freePort()),
  ...more,
]

describe('settings', () => {
  const cases: [what: string, args: string[], told: RegExp][] = [
    ['an unknown flag', ['start', '--wrokers', '2'], /unknown option '--wrokers'[\s\S]*Did you mean --workers/],
    ['an unknown command', ['strat'], /unknown command 'strat'[\s\S]*Did you mean start/],
    ['a flag without its value', ['start', '--workers'], /--workers <N>.*argument missing/],
    ['no workers', ['start', '--workers', '0'], /--workers is "0", but must be a whole number from 1 to 256/],
    ['a port that is none', ['start', '--gateway-port', '99999'], /--gateway-port is "99999"/],
    ['a time below zero', ['start', '--idle-timeout=-1'], /--idle-timeout is "-1", but must be a number of seconds/],
    [
      'a network that is none',
      ['start', '--trusted-proxies', '10.0.0.0/33'],
      /--trusted-proxies has "10\.0\.0\.0\/33"/,
    ],
    ['a folder of sockets that is everything', ['start', '--unix-backends', '/run,/'], /--unix-backends has "\/"/],
    ['a folder from nowhere', ['start', '--unix-backends', 'run'], /--unix-backends has "run"/],
    ['a name server by name', ['start', '--dns-servers', '10.0.0.53,dns.test'], /--dns-servers has "dns\.test"/],
    ['an unknown log level', ['start', '--log-level', 'loud'], /--log-level is "loud", but must be one of silent/],
    ['a database of another kind', ['start', '--database', 'mysql://me:geheim@h/d'], /--database must be the URL/],
    ['a database without a name', ['start', '--database', 'postgres://me:geheim@h'], /--database must be the URL/],
    ['a password that is not encoded', ['start', '--database', 'postgres://me:geheim%@h/d'], /percent-encoded/],
    ['a base domain in capitals', ['start', '--base-domain', 'API.example'], /--base-domain is "API\.example"/],
  ]
  for (const [what, args, told] of cases) {
    test(what, async () => {
      const { code, stdout, stderr } = await runTurnpike(args)
      assert.equal(code, 2, stderr)
      assert.match(stderr, told)
      assert.ok(!stderr.includes('geheim'))
      assert.equal(stdout, '')
    })
  }

  test('an environment variable counts as its flag', async () => {
    const { code, stderr } = await runTurnpike(['start'], { env: { TURNPIKE_WORKERS: 'many' } })
    assert.equal(code, 2)
    assert.match(stderr, /--workers is "many"/)
  })

  test('every flag is in the help, with its environment variable', async () => {
    const { code, stdout } = await runTurnpike(['start', '--help'])
    assert.equal(code, 0)
    for (const flag of ['--gateway-port <PORT>', '--drain-timeout <SECONDS>', '--demo'])
      assert.ok(stdout.includes(flag))
    assert.match(stdout, /env:\s+TURNPIKE_GATEWAY_PORT/)
  })
})

describe('ports', () => {
  for (const flag of ['--gateway-port', '--management-port']) {
    test(`${flag} of another program`, async () => {
      const data = temporaryFolder()
      const { code, stderr } = await runTurnpike(await onFreePorts(data, flag, String(busyPort)))
      assert.equal(code, 1)
      assert.match(stderr, new RegExp(`^turnpike: Port ${busyPort} on 127\\.0\\.0\\.1 is in use[^\\n]*${flag}\\.\\n$`))
      // Nothing holds the folder: the next start works, and gives the admin token that was not given yet.
      const turnpike = await startTurnpike({ data, args: ONE_WORKER })
      assert.match(turnpike.output(), /Admin token +\S+/)
      assert.equal(await turnpike.stop(), 0)
    })
  }
})

describe('data folder', () => {
  test('one that is a file', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const { code, stderr } = await runTurnpike(await onFreePorts(file))
    assert.equal(code, 1)
    assert.match(stderr, /^turnpike: [^\n]*file[^\n]*--data[^\n]*\n$/)
  })

  test('one that cannot be made', async () => {
    const { code, stderr } = await runTurnpike(await onFreePorts('/proc/turnpike'))
    assert.equal(code, 1)
    assert.match(stderr, /^turnpike: [^\n]*\/proc\/turnpike[^\n]*--data[^\n]*\n$/)
  })

  test('one with a database that is none', async () => {
    const data = temporaryFolder()
    mkdirSync(data, { recursive: true })
    writeFileSync(join(data, 'turnpike.db'), 'no database at all, but a text that somebody has put here'.repeat(20))
    const { code, stderr } = await runTurnpike(await onFreePorts(data))
    assert.equal(code, 1)
    assert.match(stderr, /^turnpike: [^\n]*turnpike\.db[^\n]*\n$/)
    assert.deepEqual(
      readdirSync(data).filter((name) => name === 'local.json'),
      [],
    )
  })

  test('one that another Turnpike works on', async () => {
    const turnpike = await startTurnpike({ args: ONE_WORKER })
    const { code, stderr } = await runTurnpike(await onFreePorts(turnpike.data))
    assert.equal(code, 1)
    assert.match(stderr, /^turnpike: Another Turnpike[^\n]*\n$/)
    assert.equal((await turnpike.api('GET', '/status')).status, 200)
    assert.equal(await turnpike.stop(), 0)
  })
})

describe('the key of the secrets', () => {
  test('is made by the first start, for its user alone', async () => {
    const turnpike = await startTurnpike({ args: ONE_WORKER })
    const file = join(turnpike.data, 'secret.key')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(Buffer.from(readFileSync(file, 'utf8'), 'base64').length, 32)
    await turnpike.stop()
  })

  for (const [what, key, message] of [
    ['another key', randomBytes(32).toString('base64'), /encrypted with another key[^\n]*secret\.key/],
    ['a file that holds no key', 'nonsense', /secret\.key does not hold a key of 32 bytes[^\n]*openssl/],
  ] as const) {
    test(`${what} is refused, and nothing is lost`, async () => {
      const turnpike = await startTurnpike({ args: ONE_WORKER })
      const file = join(turnpike.data, 'secret.key')
      const right = readFileSync(file)
      await turnpike.kill()
      writeFileSync(file, key)
      const { code, stderr } = await runTurnpike(await onFreePorts(turnpike.data))
      assert.equal(code, 1)
      assert.match(stderr, message)
      writeFileSync(file, right)
      assert.equal(await (await turnpike.again()).stop(), 0)
    })
  }

  test('may come from the environment', async () => {
    const turnpike = await startTurnpike({
      args: ONE_WORKER,
      env: { TURNPIKE_SECRET_KEY: randomBytes(32).toString('base64') },
    })
    assert.equal(existsSync(join(turnpike.data, 'secret.key')), false)
    assert.equal(await turnpike.stop(), 0)
  })
})

test('what has not been built says how it is', () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'bin'))
  const program = join(folder, 'bin/turnpike.mjs')
  copyFileSync(join(import.meta.dirname, '../../bin/turnpike.mjs'), program)
  const { status, stderr } = spawnSync(process.execPath, [program, 'status'], { encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(
    stderr,
    /^turnpike is not built: there is no \S+. Run "npm install" \(or "npm run prepare"\) in its folder\.\n$/,
  )
})

test('what is announced is true', async () => {
  const turnpike = await startTurnpike({ args: ['--workers', '2'] })
  const output = turnpike.output()
  assert.match(output, /^Turnpike 0\.1\.0 on Node\.js 26\./)
  assert.ok(output.includes(`http://127.0.0.1:${turnpike.gatewayPort}  (2 workers)`))
  const url = /OpenAPI: (\S+)\)/.exec(output)?.[1] ?? ''
  assert.equal((await fetch(url)).status, 200)
  const { body } = await turnpike.api('GET', '/status')
  assert.equal(body.nodes?.[0]?.workers?.length, 2)
  assert.equal(await turnpike.stop(), 0)
})

test('npm start ends the program when it is ended itself', { timeout: 90_000 }, async (t) => {
  const [, ...args] = await onFreePorts(temporaryFolder(), ...ONE_WORKER)
  const npm = spawn('npm', ['start', '--', ...args], {
    cwd: join(import.meta.dirname, '../..'),
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const group = -(npm.pid ?? assert.fail('npm was not started'))
  t.after(() => {
    try {
      process.kill(group, 'SIGKILL')
    } catch {
      // Nothing of it is left.
    }
  })
  // Its output comes to an end when the program has ended, not only npm.
  let isReady = false
  for await (const line of createInterface({ input: npm.stdout })) {
    if (line !== 'Ready.') continue
    isReady = true
    npm.kill('SIGTERM')
  }
  assert.ok(isReady)
})
