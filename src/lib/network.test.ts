import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkTest } from './network.ts'

const cases: [network: string, address: string, isIn: boolean][] = [
  ['10.0.0.0/8', '10.1.2.3', true],
  ['10.0.0.0/8', '11.1.2.3', false],
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.1', '10.0.0.2', false],
  ['0.0.0.0/0', '192.0.2.1', true],
  ['2001:db8::/32', '2001:db8::1', true],
  ['2001:db8::/32', '10.0.0.1', false],
  ['10.0.0.0/8', 'no address', false],
]
for (const [network, address, isIn] of cases)
  test(`${address} is ${isIn ? '' : 'not '}in ${network}`, () => assert.equal(networkTest(network)?.(address), isIn))

for (const text of ['', 'a', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0/8', '::/129', '10.0.0.0/'])
  test(`"${text}" is no network`, () => assert.equal(networkTest(text), null))
