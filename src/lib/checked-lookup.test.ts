import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkedLookup, ForbiddenAddress } from './checked-lookup.ts'

const look = (name: string, all: boolean) =>
  new Promise<unknown>((resolve, reject) =>
    checkedLookup(name, { all }, (error, address) => (error === null ? resolve(address) : reject(error))),
  )

test('a name leads to its addresses, one or all', async () => {
  assert.match(String(await look('localhost', false)), /^(?:127\.|::1)/)
  assert.ok(Array.isArray(await look('localhost', true)))
})

for (const address of ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254'])
  test(`${address} is not looked up`, () => assert.rejects(look(address, false), ForbiddenAddress))

test('a name that there is not is an error of its own', () =>
  assert.rejects(look('no-such-name.invalid', false), (error) => !(error instanceof ForbiddenAddress)))
