import { BlockList, isIP } from 'node:net'

/** Addresses that hold a machine's own secrets (RFC 3927 link-local, the metadata services of clouds), and nothing of a user's. */
const FORBIDDEN = new BlockList()
FORBIDDEN.addSubnet('169.254.0.0', 16)
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6')
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6')
const FORBIDDEN_NAMES = new Set(['metadata', 'metadata.google.internal'])

/** Whether an IP address is one that no outgoing call may reach. IPv4 addresses in the IPv6 form are themselves. */
export function isForbiddenAddress(address: string): boolean {
  return FORBIDDEN.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** The same for the host of a URL: an address, with or without brackets, or a name. */
export function isForbiddenHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '')
  return isIP(host) === 0 ? FORBIDDEN_NAMES.has(host) : isForbiddenAddress(host)
}
