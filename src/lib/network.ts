import { BlockList, isIP } from 'node:net'

/** Makes a test for the addresses of a CIDR range or a single address; null where the text is neither. */
export function networkTest(network: string): ((address: string) => boolean) | null {
  const [address = '', prefix, ...rest] = network.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return null
  const bits = version === 6 ? 128 : 32
  if (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)) return null
  const list = new BlockList()
  list.addSubnet(address, prefix === undefined ? bits : Number(prefix), version === 6 ? 'ipv6' : 'ipv4')
  return (candidate) => {
    const family = isIP(candidate)
    return family !== 0 && list.check(candidate, family === 6 ? 'ipv6' : 'ipv4')
  }
}
