/** One address that requests can be sent to. */
export interface Target {
  /** Base URL as configured; targets of the same URL share their connections. */
  readonly url: string
  readonly isTls: boolean
  /** Host name or address, without brackets. */
  readonly hostname: string
  readonly port: number
  /** What follows the path in a request head: the version and `Host`. */
  readonly versionAndHost: string
  /** Path put before the request's, without a trailing slash; empty for the root. */
  readonly basePath: string
}

/** Takes a base URL apart. Throws a `TypeError` if it is not an http or https URL. */
export function parseTarget(url: string): Target {
  const { protocol, hostname, port, host, pathname } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${url} is neither http nor https`)
  const isTls = protocol === 'https:'
  return {
    url,
    isTls,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
    versionAndHost: ` HTTP/1.1\r\nHost: ${host}\r\n`,
    basePath: pathname.replace(/\/+$/, ''),
  }
}
