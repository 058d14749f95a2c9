import { isIP } from 'node:net'
import { availableParallelism, hostname } from 'node:os'
import { resolve } from 'node:path'

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
  maxConnections: setting('N', '50000', 'Most client connections of one worker', integer(1, 1_000_000)),
  maxKeys: setting('N', '1000000', 'Most API keys; their table takes memory as they come', integer(1, 4_000_000)),
  headTimeout: setting('SECONDS', '10', 'Time to receive the head of a request', seconds(day)),
  bodyTimeout: setting('SECONDS', '60', 'Longest pause in a body, either way', seconds(day)),
  idleTimeout: setting('SECONDS', '75', 'How long an unused client connection is kept', seconds(day)),
  backendConnectTimeout: setting('SECONDS', '10', 'Time to connect to a backend', seconds(day)),
  backendTimeout: setting('SECONDS', '60', 'Time for a backend to begin its answer', seconds(day)),
  backendIdleTimeout: setting('SECONDS', '60', 'How long an unused backend connection is kept', seconds(day)),
  drainTimeout: setting('SECONDS', '30', 'How long requests under way may take when the program stops', seconds(day)),
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
