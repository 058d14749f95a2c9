import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import packageFile from '../package.json' with { type: 'json' }
import { goOnWithoutReaders } from './cli/broken-pipe.ts'
import { buildProgram, runProgram } from './cli/program.ts'
import type { Demo } from './demo/petstore.ts'
import type { Supervisor as Gateway } from './gateway/supervisor.ts'
import { parseKey, readKeyFile } from './lib/key-file.ts'
import { withoutPassword } from './lib/url.ts'
import { createVault } from './lib/vault.ts'
import { readOtlpSettings } from './otlp-settings.ts'
import { InvalidSetting, readSettings, type Settings, settingOptions } from './settings.ts'
import type { Telemetry } from './telemetry/telemetry.ts'

/** The only place where the parts meet: reads the settings, starts store, data plane and control plane, and stops them. */

/** The management API cannot listen; the message names the remedy. */
class PortUnavailable extends Error {}

/** The key of the secrets cannot be had; the message says why. */
class KeyUnavailable extends Error {}

/** Holds the key of the secrets, in Base64, where it is not in a file. Never a flag: those can be seen by other users. */
const KEY_VARIABLE = 'TURNPIKE_SECRET_KEY'

/** Opens `/metrics`, and nothing else. */
const METRICS_TOKEN_VARIABLE = 'TURNPIKE_METRICS_TOKEN'

/** What the CLI on this machine needs to speak to the running program; see `docs/architecture.md`. */
const LOCAL_FILE = 'local.json'

async function start(options: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = readSettings(options)
  const metricsToken = readMetricsToken()
  const [
    { pino },
    { makeFolder, openStore },
    { Supervisor },
    { LiveKeys },
    { LiveCertificates },
    { StatisticsService },
    { RouteNames },
    { TrafficTotals },
  ] = await Promise.all([
    import('pino'),
    import('./store/open.ts'),
    import('./gateway/supervisor.ts'),
    import('./control/live-keys.ts'),
    import('./control/live-certificates.ts'),
    import('./control/statistics/service.ts'),
    import('./telemetry/names.ts'),
    import('./telemetry/traffic-totals.ts'),
  ])
  const logger = pino({ level: settings.logLevel }, pino.destination(2))

  // 1. Store: it knows what was live when the program last ran.
  makeFolder(settings.data)
  const key = readKey(settings)
  const vault = createVault(key)
  const store = await openStore({ folder: settings.data, url: settings.database, vault, logger })

  // 2. Data plane: serves before the control plane is even loaded.
  const nodeSettings = gatewaySettings(settings, key, store.nodeId)
  const statistics = new StatisticsService({ store, nodeId: store.nodeId, log: logger, now: Date.now }, settings)
  const telemetry = await startTelemetry(settings, store.nodeId, logger)
  const gateway: Gateway = new Supervisor(
    nodeSettings,
    logger,
    (delta) => {
      traffic.add(delta)
      statistics.collector.take(delta)
    },
    telemetry?.sendsTraces === true ? telemetry : null,
  )
  const names = new RouteNames({
    get version() {
      return gateway.liveVersion
    },
    get stages() {
      return gateway.liveSnapshots()
    },
  })
  const traffic = new TrafficTotals({ maxSeries: settings.metricsMaxSeries, names, now: () => performance.now() })
  const liveKeys = new LiveKeys(store, gateway.keys, logger)
  await liveKeys.load()
  const liveCertificates = new LiveCertificates(store, gateway)
  const certificates = await liveCertificates.load(settings.data, settings.baseDomain)
  await gateway.start(await store.liveDeployments(), certificates, await store.runningCanaries())
  liveKeys.start()
  statistics.start()

  // 3. Control plane.
  const { version } = packageFile
  const [
    { createServer },
    { ensureAdminToken },
    { SetUp },
    { StoreWatch },
    { Metrics },
    { ProcessMetrics },
    { AlertWatch },
    { AcmeAgent },
  ] = await Promise.all([
    import('./api/server.ts'),
    import('./control/tokens.ts'),
    import('./control/set-up.ts'),
    import('./control/store-watch.ts'),
    import('./telemetry/metrics.ts'),
    import('./telemetry/process-metrics.ts'),
    import('./control/alert-watch.ts'),
    import('./control/acme/acme-agent.ts'),
  ])
  const storeWatch = new StoreWatch(store)
  const metrics = new Metrics({
    version,
    traffic,
    gateway: () => gateway.vitals(),
    process: new ProcessMetrics(),
    store: () => storeWatch.last,
    more: () => telemetry?.families() ?? [],
  })
  telemetry?.sendMetrics(() => metrics.families())
  const setUp = new SetUp(store)
  let isStopping = false
  const alertWatch = new AlertWatch({ store, collector: statistics.collector, log: logger, now: Date.now })
  alertWatch.start()
  const localToken = randomBytes(32).toString('base64url')
  const acme = new AcmeAgent({
    store,
    challenges: gateway,
    liveCertificates,
    email: settings.acmeEmail,
    log: logger,
  })
  // Started by `--demo`, or when the console is asked for it.
  let demo: Promise<Demo> | null = null
  const openDemo = async () => {
    demo ??= import('./demo/petstore.ts').then(({ startDemo }) => startDemo({ port: 0 }))
    return demo
  }
  const server = await createServer({
    store,
    publisher: gateway,
    liveKeys,
    liveCertificates,
    acme: { directoryUrl: settings.acmeDirectory, look: () => acme.look() },
    statistics,
    requests: gateway.requests,
    alertWatch,
    // Loaded when it is asked for: most runs never are.
    explain: async (...request) =>
      (await import('./gateway/explaining/explain.ts')).explainRequest(...request, {
        vault,
        limits: gateway.limits,
        keys: gateway.keys,
        targets: gateway.targets,
        permissions: { socketFolders: settings.unixBackends },
        dnsServers: settings.dnsServers,
      }),
    previewResponse: async (...what) => (await import('./gateway/preview-response.ts')).previewResponse(...what),
    version,
    baseDomain: settings.baseDomain,
    gateway: {
      host: hostToConnect(settings.gatewayHost),
      port: settings.gatewayPort,
      tlsPort: gateway.listening.tls?.port ?? null,
    },
    demo: openDemo,
    localToken,
    setUp,
    health: {
      live: () => [{ name: 'process', isOk: true, reason: 'The program runs.' }],
      ready: async () => readiness(gateway.readiness, await storeWatch.look(), isStopping),
    },
    metrics: { expose: (format) => metrics.expose(format), token: metricsToken },
    trustedProxies: settings.trustedProxies.filter((entry) => entry !== 'unix'),
    logger,
  })
  await listen(server, settings)
  // Only now: a token that is made by a start that fails would never be shown.
  const adminToken = await ensureAdminToken(store)

  const localFile = join(settings.data, LOCAL_FILE)
  const { tls } = gateway.listening
  const urls = {
    url: `http://${hostForUrl(settings.managementHost)}:${settings.managementPort}`,
    gatewayUrl: `http://${hostForUrl(settings.gatewayHost)}:${settings.gatewayPort}`,
    httpsUrl: tls === null ? null : `https://${hostForUrl(tls.host)}:${tls.port}`,
  }
  writeFileSync(localFile, JSON.stringify({ ...urls, token: localToken, pid: process.pid }), { mode: 0o600 })

  acme.start()

  // 4. The end: no new connections, requests under way finish, then the store closes.
  const stop = async (signal: string) => {
    if (isStopping) return
    isStopping = true
    logger.info(`${signal}: stopping; requests under way have ${settings.drainTimeout / 1000} s to finish`)
    rmSync(localFile, { force: true })
    if (settings.drainDelay > 0) {
      gateway.leave()
      await setTimeout(settings.drainDelay)
    }
    await Promise.all([gateway.stop(settings.drainTimeout), server.close()])
    await telemetry?.close(() => metrics.families())
    storeWatch.stop()
    await (await demo)?.close()
    acme.stop()
    await liveKeys.stop()
    await alertWatch.stop()
    await statistics.stop()
    await store.close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal))
  process.on('SIGUSR2', () => gateway.reopenLogs())

  const demoUrl = settings.demo ? await deployDemo(await openDemo(), urls.url, localToken) : null
  const setUpLink = (await setUp.isOpen()) ? `${urls.url}/setup#token=${setUp.token}` : null
  announce(settings, version, urls, { adminToken, setUpLink }, demoUrl)
}

/** Deploys the API of the demo backend, as a user would: through the management API. Gives back where the backend is. */
async function deployDemo(demo: Demo, url: string, token: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      service: 'demo',
      document: demo.document,
      backendUrl: demo.url,
      deploy: true,
      note: 'The demo API',
    }),
  })
  if (!response.ok) throw new Error(`The demo API could not be deployed: ${await response.text()}`)
  return demo.url
}

/** The key of the secrets: from the environment, or of a file, which is made by the first start. */
function readKey({ data, secretKeyFile }: Settings): Buffer {
  const given = process.env[KEY_VARIABLE]
  try {
    if (given !== undefined) return parseKey(given, KEY_VARIABLE)
    return readKeyFile(secretKeyFile === '' ? join(data, 'secret.key') : secretKeyFile)
  } catch (error) {
    throw new KeyUnavailable(`The key of the secrets cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

/** Starts what sends traces and metrics to a collector; null where nothing is to be sent. */
async function startTelemetry(settings: Settings, nodeId: string, logger: Logger): Promise<Telemetry | null> {
  const about = { version: packageFile.version, nodeId }
  const otlp = readOtlpSettings(settings, process.env, about)
  // Loaded when it is asked for: most runs never are.
  return otlp === null ? null : new (await import('./telemetry/telemetry.ts')).Telemetry(otlp, logger)
}

/** The token of `/metrics`; null where there is none. */
function readMetricsToken(): string | null {
  const given = process.env[METRICS_TOKEN_VARIABLE] ?? ''
  if (given === '' || /^[A-Za-z0-9._~+/=-]{16,512}$/.test(given)) return given || null
  throw new InvalidSetting(
    `${METRICS_TOKEN_VARIABLE} must have 16 to 512 characters, which are letters, digits or one of . _ ~ + / = -. What was given is not shown.`,
  )
}

/** What must be right for the program to do all of its work. The gateway does its own without the store. */
function readiness(
  { ready, workers }: { readonly ready: number; readonly workers: number },
  { isUp }: { readonly isUp: boolean },
  isStopping: boolean,
) {
  return [
    { name: 'gateway', isOk: ready > 0, reason: `${ready} of ${workers} workers take requests.` },
    {
      name: 'store',
      isOk: isUp,
      reason: isUp
        ? 'The store can be used.'
        : 'The store cannot be used: requests are served, but nothing can be changed.',
    },
    {
      name: 'program',
      isOk: !isStopping,
      reason: isStopping ? 'The program is about to end.' : 'The program is not about to end.',
    },
  ]
}

function gatewaySettings(settings: Settings, key: Buffer, nodeId: string) {
  return {
    node: { id: nodeId, name: settings.nodeName },
    secretKey: key.toString('base64'),
    workers: settings.workers,
    front: frontPlan(settings),
    trustedProxies: settings.trustedProxies,
    maxConnections: settings.maxConnections,
    maxKeys: settings.maxKeys,
    permissions: { socketFolders: settings.unixBackends },
    dnsServers: settings.dnsServers,
    answersHealth: settings.gatewayHealth,
    recentRequests: settings.recentRequests,
    logFolder: settings.logFolder === '' ? join(settings.data, 'logs') : settings.logFolder,
    client: {
      maxHeadBytes: settings.maxHeadBytes,
      maxHeaders: settings.maxHeaders,
      maxTargetBytes: settings.maxTargetBytes,
      headTimeoutMs: settings.headTimeout,
      bodyIdleTimeoutMs: settings.bodyTimeout,
      idleTimeoutMs: settings.idleTimeout,
      maxBodyBytes: settings.maxBodyBytes,
      maxStreams: settings.maxStreams,
      maxResetsPerSecond: settings.maxResets,
    },
    backend: {
      connectTimeoutMs: settings.backendConnectTimeout,
      responseTimeoutMs: settings.backendTimeout,
      bodyIdleTimeoutMs: settings.bodyTimeout,
      idleTimeoutMs: settings.backendIdleTimeout,
      maxIdle: 256,
      maxHeadBytes: 65_536,
      maxHeaders: 200,
    },
  }
}

function frontPlan(settings: Settings) {
  const { tlsPort, gatewayHost, baseDomain, tlsMinVersion: minVersion, tlsMaxVersion: maxVersion } = settings
  return {
    host: gatewayHost,
    port: settings.gatewayPort,
    tls: tlsPort && { ...tlsPort, host: settings.tlsHost || gatewayHost, baseDomain, minVersion, maxVersion },
    socketPath: settings.gatewaySocket === '' ? null : resolve(settings.gatewaySocket),
    proxyProtocol: settings.proxyProtocol,
    handshakeTimeoutMs: settings.handshakeTimeout,
    maxHandshakes: settings.maxHandshakes,
  }
}

async function listen(
  server: { listen(at: { host: string; port: number }): Promise<string> },
  { managementHost, managementPort }: Settings,
): Promise<void> {
  try {
    await server.listen({ host: managementHost, port: managementPort })
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
        ? 'is in use by another program'
        : `cannot be opened: ${error instanceof Error ? error.message : String(error)}`
    throw new PortUnavailable(
      `Port ${managementPort} on ${managementHost} ${reason}. Stop that program, or choose another port with --management-port.`,
    )
  }
}

function announce(
  settings: Settings,
  version: string,
  urls: { url: string; gatewayUrl: string; httpsUrl: string | null },
  { adminToken, setUpLink }: { adminToken: string | null; setUpLink: string | null },
  demoUrl: string | null,
): void {
  const lines = [
    `Turnpike ${version} on Node.js ${process.versions.node}`,
    '',
    `  Gateway         ${urls.gatewayUrl}  (${settings.workers} ${settings.workers === 1 ? 'worker' : 'workers'})`,
    ...(urls.httpsUrl === null ? [] : [`  HTTPS           ${urls.httpsUrl}`]),
    `  Console         ${urls.url}/`,
    `  Management API  ${urls.url}/api/v1  (OpenAPI: ${urls.url}/api/v1/openapi.json)`,
    `  Data            ${settings.data}`,
    ...(settings.database === '' ? [] : [`  Database        ${withoutPassword(settings.database)}`]),
    ...(setUpLink === null
      ? []
      : ['', `  Set up          ${setUpLink}`, '                  Makes the first user. Good until there is one.']),
    ...(adminToken === null
      ? []
      : [
          '',
          `  Admin token     ${adminToken}`,
          '                  Shown this once: keep it. The CLI on this machine needs none.',
        ]),
    ...(demoUrl === null
      ? []
      : [
          '',
          `  Demo backend    ${demoUrl}`,
          `  Try             curl -H 'Host: demo.${settings.baseDomain}' ${urls.gatewayUrl}/pets`,
        ]),
    '',
    'Ready.',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Where a program of this machine connects to for an address that is listened on. */
function hostToConnect(host: string): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
}

function hostForUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/** Errors whose message is written for people; of all others the stack is needed. */
const FOR_PEOPLE = new Set([
  'InvalidSetting',
  'GatewayUnavailable',
  'StoreUnavailable',
  'PortUnavailable',
  'KeyUnavailable',
])

async function startOrFail(options: Readonly<Record<string, unknown>>): Promise<void> {
  goOnWithoutReaders()
  try {
    await start(options)
  } catch (error) {
    const trouble = error instanceof Error ? error : new Error(String(error))
    process.stderr.write(`turnpike: ${FOR_PEOPLE.has(trouble.constructor.name) ? trouble.message : trouble.stack}\n`)
    process.exit(error instanceof InvalidSetting ? 2 : 1)
  }
}

const program = buildProgram({ start: { options: settingOptions, action: startOrFail }, version: packageFile.version })
process.exitCode = await runProgram(program, process.argv)
