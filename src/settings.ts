import { isIP } from 'node:net'
import { availableParallelism, hostname } from 'node:os'
import { isAbsolute, normalize, resolve } from 'node:path'

/** The process's own settings, each once: flag, environment variable, default and docs all come from here. */

/** How a setting is given on the command line. */
export interface SettingOption {
  readonly flags: string
  readonly description: string
  readonly env: string
  readonly default?: string | boolean
}

/** A setting that cannot be used; the message names flag, reason and remedy. */
export class InvalidSetting extends Error {}

type Parse<T> = (given: string, flag: string) => T

interface Setting<T> {
  readonly argument: string
  readonly description: string
  readonly default: string
  readonly parse: Parse<T>
}

const setting = <T>(argument: string, fallback: string, description: string, parse: Parse<T>): Setting<T> => ({
  argument,
  default: fallback,
  description,
  parse,
})

const text: Parse<string> = (given) => given

const integer =
  (min: number, max: number): Parse<number> =>
  (given, flag) => {
    const value = /^\d+$/.test(given) ? Number(given) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidSetting(`${flag} is "${given}", but must be a whole number from ${min} to ${max}.`)
  }

const port = integer(1, 65_535)

/** Seconds on the command line, milliseconds inside. */
const seconds =
  (max: number): Parse<number> =>
  (given, flag) => {
    const value = /^\d+(\.\d+)?$/.test(given) ? Number(given) : Number.NaN
    if (value > 0 && value <= max) return Math.round(value * 1000)
    throw new InvalidSetting(`${flag} is "${given}", but must be a number of seconds above 0, up to ${max}.`)
  }

const networks: Parse<string[]> = (given, flag) => {
  const list = given.split(',').flatMap((entry) => entry.trim() || [])
  for (const entry of list) {
    const [address = '', prefix = ''] = entry.split('/')
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
    const isRange = prefix === '' ? !entry.includes('/') : /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
    if (bits === -1 || !isRange)
      throw new InvalidSetting(
        `${flag} has "${entry}", which is not an address or a CIDR range: write 10.0.0.0/8, say.`,
      )
  }
  return list
}

/** Peers: networks, and `unix` for those on a Unix socket. */
const peers: Parse<string[]> = (given, flag) => {
  const list = given.split(',').flatMap((entry) => entry.trim() || [])
  const ofUnix = list.includes('unix') ? ['unix'] : []
  return [...ofUnix, ...networks(list.filter((entry) => entry !== 'unix').join(','), flag)]
}

/** A port that may be left to the program, or to nobody. */
const tlsPort: Parse<{ readonly port: number; readonly isOptional: boolean } | null> = (given, flag) => {
  if (given === 'off') return null
  if (given === 'auto') return { port: 8443, isOptional: true }
  return { port: port(given, flag), isOptional: false }
}

const acmeDirectory: Parse<string> = (given, flag) => {
  if (['http:', 'https:'].includes(URL.parse(given)?.protocol ?? '')) return given
  throw new InvalidSetting(`${flag} is "${given}", but must be the URL of an authority's directory.`)
}

const tlsVersion: Parse<'1.2' | '1.3'> = (given, flag) => {
  if (given === '1.2' || given === '1.3') return given
  throw new InvalidSetting(`${flag} is "${given}", but must be 1.2 or 1.3.`)
}

const listOf = (given: string) => given.split(',').flatMap((entry) => entry.trim() || [])

const folders: Parse<string[]> = (given, flag) =>
  listOf(given).map((folder) => {
    if (isAbsolute(folder) && normalize(folder) !== '/') return normalize(folder)
    throw new InvalidSetting(`${flag} has "${folder}", but must be a list of folders from the root, such as /run/apps.`)
  })

const nameServers: Parse<string[]> = (given, flag) => {
  const list = listOf(given)
  for (const entry of list) {
    const [, v6, v4 = '', port = '53'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(entry) ?? []
    const isServer = isIP(entry) !== 0 || (isIP(v6 ?? v4) !== 0 && Number(port) >= 1 && Number(port) <= 65_535)
    if (!isServer)
      throw new InvalidSetting(
        `${flag} has "${entry}", which is not the address of a name server: write 10.0.0.53, 10.0.0.53:5353 or [2001:db8::1]:53, say.`,
      )
  }
  return list
}

const secondsOrNone =
  (max: number): Parse<number> =>
  (given, flag) =>
    /^0(\.0+)?$/.test(given) ? 0 : seconds(max)(given, flag)

/** What is wrong with it is told without it: it may hold a password. */
const collectorUrl: Parse<string> = (given, flag) => {
  const url = given === '' ? null : URL.parse(given)
  if (given === '' || (url !== null && ['http:', 'https:'].includes(url.protocol))) return given
  throw new InvalidSetting(`${flag} must be the URL of an OpenTelemetry collector, such as http://127.0.0.1:4318.`)
}

const signals: Parse<{ readonly traces: boolean; readonly metrics: boolean }> = (given, flag) => {
  const list = given.split(',').map((entry) => entry.trim())
  const unknown = list.find((entry) => entry !== 'traces' && entry !== 'metrics')
  if (unknown !== undefined)
    throw new InvalidSetting(`${flag} has "${unknown}", but there are only "traces" and "metrics".`)
  return { traces: list.includes('traces'), metrics: list.includes('metrics') }
}

/** Null where it is not given. */
const share: Parse<number | null> = (given, flag) => {
  if (given === '') return null
  const value = /^[01](\.\d+)?$/.test(given) ? Number(given) : Number.NaN
  if (value >= 0 && value <= 1) return value
  throw new InvalidSetting(`${flag} is "${given}", but must be a number from 0 to 1.`)
}

const parents: Parse<'all' | 'trusted'> = (given, flag) => {
  if (given === 'all' || given === 'trusted') return given
  throw new InvalidSetting(`${flag} is "${given}", but must be all or trusted.`)
}

const isOn: Parse<boolean> = (given, flag) => {
  if (given === 'on' || given === 'off') return given === 'on'
  throw new InvalidSetting(`${flag} is "${given}", but must be on or off.`)
}

const domain: Parse<string> = (given, flag) => {
  if (/^[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?$/.test(given)) return given
  throw new InvalidSetting(`${flag} is "${given}", but must be a domain name in lower case, such as api.example.com.`)
}

/** What is wrong with it is told without it: it may hold a password. */
const postgresUrl: Parse<string> = (given, flag) => {
  if (given === '') return given
  const url = URL.parse(given)
  const isPostgres = url !== null && ['postgres:', 'postgresql:'].includes(url.protocol) && url.pathname.length > 1
  if (isPostgres && isDecodable(given)) return given
  throw new InvalidSetting(
    `${flag} must be the URL of a PostgreSQL database, such as postgres://user:password@host:5432/turnpike, with a password percent-encoded; or empty for the embedded one. What was given is not shown, as it may hold a password.`,
  )
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false // a % that is not followed by two hexadecimal digits, or bytes that are not UTF-8
  }
}

const level: Parse<string> = (given, flag) => {
  const levels = ['silent', 'error', 'warn', 'info', 'debug']
  if (levels.includes(given)) return given
  throw new InvalidSetting(`${flag} is "${given}", but must be one of ${levels.join(', ')}.`)
}

const day = 86_400

/** Every setting of `turnpike start`. The key is the flag without its dashes, in camel case. */
const settings = {
  data: setting('DIR', './data', 'Folder of the embedded store', (given) => resolve(given)),
  database: setting('URL', '', 'PostgreSQL database to keep everything in, instead of the embedded store', postgresUrl),
  nodeName: setting('NAME', hostname(), 'What this node is called in deployments and status', text),
  secretKeyFile: setting(
    'FILE',
    '',
    'File with the key that secrets are encrypted with (default: secret.key in the data folder)',
    text,
  ),
  gatewayHost: setting('ADDRESS', '::', 'Address that API clients connect to (:: for all, IPv4 too)', text),
  gatewayPort: setting('PORT', '8080', 'Port that API clients connect to', port),
  gatewaySocket: setting('PATH', '', 'Unix socket that API clients connect to as well', text),
  tlsHost: setting('ADDRESS', '', 'Address for HTTPS (default: that of --gateway-host)', text),
  tlsPort: setting('PORT', 'auto', 'Port for HTTPS; off for none (auto: 8443, or none where that is taken)', tlsPort),
  tlsMinVersion: setting('VERSION', '1.2', 'Oldest version of TLS: 1.2 or 1.3', tlsVersion),
  tlsMaxVersion: setting('VERSION', '1.3', 'Newest version of TLS: 1.2 or 1.3', tlsVersion),
  handshakeTimeout: setting('SECONDS', '10', 'Time for a TLS handshake, and for a PROXY header', seconds(day)),
  acmeDirectory: setting(
    'URL',
    'https://acme-v02.api.letsencrypt.org/directory',
    'Authority that certificates are got from (ACME)',
    acmeDirectory,
  ),
  acmeEmail: setting('ADDRESS', '', 'Where that authority may write to about certificates', text),
  maxHandshakes: setting('N', '2000', 'Most TLS handshakes under way in one worker', integer(1, 1_000_000)),
  proxyProtocol: setting(
    'LIST',
    '',
    'Balancers whose connections begin with a PROXY header: addresses, CIDR ranges, unix',
    peers,
  ),
  managementHost: setting('ADDRESS', '127.0.0.1', 'Address of the management API', text),
  managementPort: setting('PORT', '9000', 'Port of the management API', port),
  workers: setting('N', String(availableParallelism()), 'Gateway worker threads', integer(1, 256)),
  baseDomain: setting('DOMAIN', 'localhost', 'Domain below which stages get their host names', domain),
  trustedProxies: setting(
    'LIST',
    '',
    'Addresses and CIDR ranges of proxies that may speak for clients, with commas; unix for those on the Unix socket',
    peers,
  ),
  maxHeadBytes: setting('BYTES', '16384', 'Largest head of a request', integer(1024, 1_048_576)),
  maxHeaders: setting('N', '100', 'Most header fields of a request', integer(1, 10_000)),
  maxTargetBytes: setting('BYTES', '8192', 'Longest request target', integer(256, 1_048_576)),
  maxBodyBytes: setting(
    'BYTES',
    '10485760',
    'Largest body of a request, unless a plugin of its route says otherwise',
    integer(0, Number.MAX_SAFE_INTEGER),
  ),
  maxStreams: setting('N', '128', 'Most requests at once on a connection of HTTP/2', integer(1, 10_000)),
  maxResets: setting(
    'N',
    '100',
    'Most requests of a connection of HTTP/2 that its client may break off in a second',
    integer(1, 1_000_000),
  ),
  maxConnections: setting('N', '50000', 'Most client connections of one worker', integer(1, 1_000_000)),
  maxKeys: setting('N', '1000000', 'Most API keys; their table takes memory as they come', integer(1, 4_000_000)),
  headTimeout: setting('SECONDS', '10', 'Time to receive the head of a request', seconds(day)),
  bodyTimeout: setting('SECONDS', '60', 'Longest pause in a body, either way', seconds(day)),
  idleTimeout: setting('SECONDS', '75', 'How long an unused client connection is kept', seconds(day)),
  backendConnectTimeout: setting('SECONDS', '10', 'Time to connect to a backend', seconds(day)),
  backendTimeout: setting('SECONDS', '60', 'Time for a backend to begin its answer', seconds(day)),
  backendIdleTimeout: setting('SECONDS', '60', 'How long an unused backend connection is kept', seconds(day)),
  unixBackends: setting(
    'FOLDERS',
    '',
    'Folders whose Unix sockets may be backends, with commas; none unless it is given',
    folders,
  ),
  dnsServers: setting(
    'LIST',
    '',
    "Name servers that backends are looked up at, instead of the system's: ADDRESS or ADDRESS:PORT, with commas",
    nameServers,
  ),
  drainTimeout: setting('SECONDS', '30', 'How long requests under way may take when the program stops', seconds(day)),
  statisticsMinutes: setting('DAYS', '7', 'How long statistics are kept in buckets of a minute', integer(1, 366)),
  statisticsTenMinutes: setting('DAYS', '30', 'How long they are kept in buckets of ten minutes', integer(2, 1_098)),
  statisticsHours: setting('DAYS', '90', 'How long they are kept in buckets of an hour', integer(2, 3_660)),
  statisticsDays: setting('DAYS', '90', 'How long they are kept in buckets of a day', integer(2, 36_600)),
  statisticsSeries: setting(
    'N',
    '20000',
    'Most routes, or API keys, of one stage that are counted by themselves in one minute; the rest is counted as one',
    integer(1, 1_000_000),
  ),
  drainDelay: setting(
    'SECONDS',
    '0',
    'How long the program goes on as before when it is to stop, but says at /readyz that it will',
    secondsOrNone(3_600),
  ),
  gatewayHealth: setting(
    'on|off',
    'on',
    'Whether the gateway port answers /livez and /readyz for hosts that no stage has',
    isOn,
  ),
  metricsMaxSeries: setting(
    'N',
    '2000',
    'Most series of one metric at /metrics; what is beyond is summed up as "other"',
    integer(1, 1_000_000),
  ),
  otlpEndpoint: setting(
    'URL',
    '',
    'OpenTelemetry collector to send traces and metrics to, by OTLP over HTTP (default: OTEL_EXPORTER_OTLP_ENDPOINT; without it, none)',
    collectorUrl,
  ),
  otlpSignals: setting('LIST', 'traces,metrics', 'What is sent to the collector: traces, metrics or both', signals),
  otlpServiceName: setting(
    'NAME',
    '',
    'What the collector is told that this is (default: OTEL_SERVICE_NAME, else turnpike)',
    text,
  ),
  traceSampler: setting(
    'NAME',
    '',
    'Which requests are recorded, by the names of OpenTelemetry (default: OTEL_TRACES_SAMPLER, else parentbased_traceidratio)',
    text,
  ),
  traceSampleRatio: setting(
    'RATIO',
    '',
    'Share of the traces that begin here which are recorded, 0 to 1 (default: OTEL_TRACES_SAMPLER_ARG, else 1)',
    share,
  ),
  traceParents: setting(
    'all|trusted',
    'all',
    'Whose traces are continued: those of all callers, or of trusted proxies alone',
    parents,
  ),
  recentRequests: setting(
    'N',
    '10000',
    'How many of its last requests each worker remembers, for "turnpike logs"; about 1 KB each',
    integer(0, 1_000_000),
  ),
  logFolder: setting(
    'DIR',
    '',
    'Folder below which access logs may be files (default: logs in the data folder)',
    (given) => (given === '' ? '' : resolve(given)),
  ),
  logLevel: setting('LEVEL', 'info', "Level of the program's own log: silent, error, warn, info or debug", level),
} as const

type SettingName = keyof typeof settings

/** The settings of a process, checked. Times are in milliseconds. */
export type Settings = { readonly [Name in SettingName]: ReturnType<(typeof settings)[Name]['parse']> } & {
  readonly demo: boolean
}

const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const flagOf = (name: string) => `--${dashed(name)}`

/** All options of `turnpike start`, for the command line and its help. */
export const settingOptions: readonly SettingOption[] = [
  ...Object.entries(settings).map(([name, { argument, description, default: fallback }]) => ({
    flags: `${flagOf(name)} <${argument}>`,
    description,
    env: `TURNPIKE_${dashed(name).replaceAll('-', '_').toUpperCase()}`,
    ...(fallback !== '' && { default: fallback }),
  })),
  {
    flags: '--demo',
    description: 'Also start a demo backend and deploy its API',
    env: 'TURNPIKE_DEMO',
    default: false,
  },
]

/** Reads settings from the options of a command line (with environment and defaults already in). Throws `InvalidSetting`. */
export function readSettings(options: Readonly<Record<string, unknown>>): Settings {
  const entries = Object.entries(settings).map(([name, { default: fallback, parse }]) => {
    const given = options[name]
    return [name, parse(typeof given === 'string' ? given : fallback, flagOf(name))] as const
  })
  // Each entry was made by the parser of its own name.
  const read = {
    ...(Object.fromEntries(entries) as Omit<Settings, 'demo'>),
    demo: options.demo === true || options.demo === 'true',
  } as Settings
  if (read.tlsMinVersion > read.tlsMaxVersion)
    throw new InvalidSetting(
      `--tls-min-version is ${read.tlsMinVersion}, above --tls-max-version ${read.tlsMaxVersion}: no client could connect.`,
    )
  return read
}
