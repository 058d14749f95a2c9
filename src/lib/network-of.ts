import { isIP } from 'node:net'

/**
 * What one client can be told by: an IPv4 address, also where it is IPv6-mapped, or the /64 of an IPv6 address, of which one
 * subscriber has them all (RFC 6177, section 2). What is not an address stays as it is.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (isIP(address) !== 6) return address
  // The last two groups may be written as an IPv4 address; neither they nor a zone count.
  const [head = [], tail] = address
    .replace(/%.*/, '')
    .replace(/\d+\.\d+\.\d+\.\d+$/, '0:0')
    .split('::')
    .map(groups)
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length
  const all = [...head, ...Array<string>(zeros).fill('0'), ...(tail ?? [])]
  const first = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${first.join(':')}::/64`
}

function groups(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
