import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './ports.ts'

export { freePort }

const PROGRAM = join(import.meta.dirname, '../../bin/turnpike.mjs')
const START_TIMEOUT_MS = 90_000
/** Longer than the program's own time to drain, which ends every stop that works. */
const STOP_TIMEOUT_MS = 40_000

/** What is left when the tests end, however they end, goes with them. */
const running = new Set<ChildProcess>()
const folders = new Set<string>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** JSON that a test looks into: whatever is not there is undefined. */
export interface Json {
  readonly [key: string]: Json
}

/** The real program, running on a data folder of its own. */
export interface Turnpike {
  readonly pid: number
  readonly gatewayPort: number
  /** Of HTTPS. */
  readonly tlsPort: number
  readonly managementPort: number
  readonly data: string
  readonly token: string
  /** Everything that it has printed so far. */
  output(): string
  /** Calls the management API as an admin. */
  api(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Json; headers: Headers }>
  /** SIGTERM; resolves with the exit code, null where it had to be killed. The data folder goes. */
  stop(): Promise<number | null>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on the same folder and ports. */
  again(): Promise<Turnpike>
}

/** Runs `turnpike` with arguments to its end. */
export async function runTurnpike(
  args: readonly string[],
  { input = '', cwd = process.cwd(), env = {} as Readonly<Record<string, string>> } = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, stdout, stderr }
}

/** Starts the program and waits until it says that it is ready. */
export async function startTurnpike({
  args = [] as readonly string[],
  env = {} as Readonly<Record<string, string>>,
  data = temporaryFolder(),
  ports = [0, 0, 0],
} = {}): Promise<Turnpike> {
  const gatewayPort = ports[0] || (await freePort())
  const managementPort = ports[1] || (await freePort())
  const tlsPort = ports[2] || (await freePort())
  const all = [
    'start',
    '--data',
    data,
    '--gateway-host',
    '127.0.0.1',
    '--gateway-port',
    String(gatewayPort),
    '--tls-port',
    String(tlsPort),
    '--management-port',
    String(managementPort),
    '--log-level',
    'warn',
    ...args,
  ]
  const child = spawn(process.execPath, [PROGRAM, ...all], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  running.add(child)
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      running.delete(child)
      resolve(code)
    }),
  )
  const output = await untilReady(child)
  const { token } = JSON.parse(readFileSync(join(data, 'local.json'), 'utf8'))
  return {
    pid: child.pid ?? 0,
    gatewayPort,
    tlsPort,
    managementPort,
    data,
    token,
    output,
    api: (method, path, body, headers = {}) => callApi(managementPort, token, method, path, body, headers),
    async stop() {
      child.kill('SIGTERM')
      const tooLate = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      const code = await ended
      clearTimeout(tooLate)
      rmSync(data, { recursive: true, force: true })
      return code
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    again: () => startTurnpike({ args, env, data, ports: [gatewayPort, managementPort, tlsPort] }),
  }
}

/** A new folder that is gone when the tests end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'turnpike-'))
  folders.add(folder)
  return folder
}

async function untilReady(child: ChildProcess): Promise<() => string> {
  let text = ''
  await new Promise<void>((resolve, reject) => {
    const tooLate = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`Turnpike was not ready in time:\n${text}`))
    }, START_TIMEOUT_MS)
    const read = (chunk: Buffer) => {
      text += chunk
      if (!text.includes('\nReady.')) return
      clearTimeout(tooLate)
      resolve()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => {
      clearTimeout(tooLate)
      reject(new Error(`Turnpike ended with ${code}:\n${text}`))
    })
  })
  return () => text
}

async function callApi(
  port: number,
  token: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
) {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers }
}

/** Makes a service whose every path goes to `backendUrl`, deployed as `NAME.localhost`. Returns the service's id. */
export async function deployProxy(turnpike: Turnpike, name: string, backendUrl: string): Promise<string> {
  const created = await turnpike.api('POST', '/services', { name })
  const service = String(created.body.id)
  for (const path of ['/', '/{path+}']) {
    const { body } =
      path === '/'
        ? await turnpike.api('GET', `/services/${service}/resources`)
        : await turnpike.api('POST', `/services/${service}/resources`, { path })
    const id = path === '/' ? body.items?.[0]?.id : body.id
    await turnpike.api('POST', `/services/${service}/resources/${id}/methods`, { verb: 'ANY' })
  }
  await turnpike.api('POST', `/services/${service}/stages`, {
    name: 'live',
    isDefault: true,
    backend: { targets: [{ url: backendUrl }] },
  })
  const { status, body } = await turnpike.api('POST', `/services/${service}/stages/live/deployments`, {})
  if (status !== 201) throw new Error(JSON.stringify(body))
  return service
}
