import assert from 'node:assert/strict'
import { BlockList, isIPv6 } from 'node:net'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isNetwork, networkSet } from './network-set.ts'

const cases: readonly [networks: string[], address: string, isIn: boolean][] = [
  [['10.0.0.1'], '10.0.0.1', true],
  [['10.0.0.1'], '10.0.0.2', false],
  [['10.0.0.1'], '::ffff:10.0.0.1', true],
  [['::ffff:10.0.0.1'], '10.0.0.1', true],
  [['10.0.0.0/8'], '10.255.255.255', true],
  [['10.0.0.0/8'], '11.0.0.0', false],
  [['10.1.2.3/8'], '10.200.0.1', true],
  [['0.0.0.0/0'], '255.255.255.255', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['::/0'], '10.0.0.1', true],
  [['2001:db8::/32'], '2001:db8:ffff::1', true],
  [['2001:db8::/32'], '2001:db9::', false],
  [['2001:DB8::1'], '2001:db8:0:0:0:0:0:1', true],
  [['fe80::1'], 'fe80::1%eth0', true],
  [['::ffff:0:0/96'], '1.2.3.4', true],
  [['64:ff9b::1.2.3.4'], '64:ff9b::102:304', true],
  [['10.0.0.0/25', '10.0.0.128/25', '10.0.0.7'], '10.0.0.200', true],
  [[], '10.0.0.1', false],
  [['10.0.0.0/8'], 'nonsense', false],
  [['10.0.0.0/8'], '', false],
]
describe('look-ups', () => {
  for (const [networks, address, isIn] of cases)
    test(`[${networks}] ${isIn ? 'has' : 'does not have'} ${address}`, () =>
      assert.equal(networkSet(networks).has(address), isIn))
})

for (const text of [
  '',
  '10.0.0',
  '10.0.0.1/33',
  '::1/129',
  '10.0.0.1/',
  '10.0.0.1/08',
  '01.0.0.1',
  'a.b',
  'fe80::1%eth0',
])
  test(`"${text}" is not a network`, () => assert.equal(isNetwork(text), false))

test('an address is told apart from those that were asked before', () => {
  const address = (i: number) => `10.${i >> 8}.${i & 255}.7`
  const set = networkSet(Array.from({ length: 2_000 }, (_, i) => address(i * 2)))
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < 4_000; i++) {
      assert.equal(set.has(address(i)), i % 2 === 0, address(i))
      assert.equal(set.has(address(i)), i % 2 === 0, `${address(i)} again`)
    }
})

const v4 = fc.ipV4()
const v6 = fc.ipV6().filter((address) => isIPv6(address))
const network = fc.oneof(
  v4,
  v6,
  fc.tuple(v4, fc.nat(32)).map(([address, bits]) => `${address}/${bits}`),
  fc.tuple(v6, fc.nat(128)).map(([address, bits]) => `${address}/${bits}`),
)

test('it says what a list of all of them says', () => {
  fc.assert(
    fc.property(
      fc.array(network, { maxLength: 20 }),
      fc.array(fc.oneof(v4, v6), { maxLength: 20 }),
      (networks, others) => {
        const set = networkSet(networks)
        const reference = new BlockList()
        for (const text of networks) {
          const [address = '', bits] = text.split('/')
          const family = isIPv6(address) ? 'ipv6' : 'ipv4'
          if (bits === undefined) reference.addAddress(address, family)
          else reference.addSubnet(address, Number(bits), family)
        }
        for (const address of [...others, ...networks.map((text) => text.split('/')[0] ?? '')]) {
          // The reference keeps the two families apart, except for mapped addresses.
          const family = isIPv6(address) ? 'ipv6' : 'ipv4'
          if (reference.check(address, family)) assert.ok(set.has(address), `${address} in ${networks}`)
          else if (family === 'ipv6')
            assert.ok(!set.has(address) || address.startsWith('::ffff:'), `${address} in ${networks}`)
        }
      },
    ),
    { numRuns: 500 },
  )
})
