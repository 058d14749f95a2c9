import { canonicalJson } from '../../lib/canonical-json.ts'
import type { SnapshotBackend } from '../../snapshot/snapshot.ts'

/** All that decides how one target is connected to and judged. */
export interface TargetSettings extends Pick<SnapshotBackend, 'protocol' | 'tls' | 'connections' | 'health'> {
  /** Base URL, or `unix:/path/of/a.socket:/base`. */
  readonly url: string
}

/** One address that requests can be sent to. */
export interface Target {
  /** Base URL as configured. */
  readonly url: string
  readonly isTls: boolean
  /** Host name or address, without brackets; empty where there is a socket. */
  readonly hostname: string
  readonly port: number
  /** Path of a Unix socket; null for a host. */
  readonly socketPath: string | null
  /** Host and port as a request says them. */
  readonly authority: string
  /** What follows the path in a request head: the version and `Host`. */
  readonly versionAndHost: string
  /** Path put before the request's, without a trailing slash; empty for the root. */
  readonly basePath: string
}

const UNIX = /^unix:(\/[^:]+)(?::(\/.*))?$/

/** Takes a base URL apart. Throws a `TypeError` if it is not an http or https URL, nor one of a Unix socket. */
export function parseTarget(url: string): Target {
  const socket = UNIX.exec(url)
  if (socket !== null) return { ...parseTarget(`http://localhost${socket[2] ?? ''}`), url, socketPath: socket[1] ?? '' }
  const { protocol, hostname, port, host, pathname } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${url} is neither http nor https`)
  const isTls = protocol === 'https:'
  return {
    url,
    isTls,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
    socketPath: null,
    authority: host,
    versionAndHost: ` HTTP/1.1\r\nHost: ${host}\r\n`,
    basePath: pathname.replace(/\/+$/, ''),
  }
}

/** The settings of each target of a backend. */
export function targetsOf({ targets, protocol, tls, connections, health }: SnapshotBackend): TargetSettings[] {
  const shared = {
    ...(protocol !== undefined && { protocol }),
    ...(tls !== undefined && { tls }),
    ...(connections !== undefined && { connections }),
    ...(health !== undefined && { health }),
  }
  return targets.map((url) => ({ url, ...shared }))
}

/** What targets have in common that share their connections and their health: the URL alone, where nothing else is set. */
export function targetKey({ url, ...others }: TargetSettings): string {
  return Object.keys(others).length === 0 ? url : `${url} ${canonicalJson(others)}`
}
