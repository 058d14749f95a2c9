import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { ipRestriction } from './ip-restriction.ts'

const cases: readonly [title: string, mode: 'allow' | 'deny', networks: string[], clientIp: string, reply?: string][] =
  [
    ['lets a listed address in', 'allow', ['192.0.2.1'], '192.0.2.1'],
    ['lets an address of a listed range in', 'allow', ['192.0.2.0/24'], '192.0.2.99'],
    ['keeps another out', 'allow', ['192.0.2.1'], '192.0.2.2', 'ip-denied'],
    ['keeps a listed address out', 'deny', ['192.0.2.1'], '192.0.2.1', 'ip-denied'],
    ['keeps a mapped address out', 'deny', ['192.0.2.1'], '::ffff:192.0.2.1', 'ip-denied'],
    ['lets all others in', 'deny', ['192.0.2.1'], '2001:db8::1'],
    ['keeps out what is not an address', 'allow', ['0.0.0.0/0', '::/0'], 'unknown', 'ip-denied'],
  ]
for (const [title, mode, networks, clientIp, reply] of cases) {
  test(title, () => {
    const { onRequest } = ipRestriction.create({ mode, networks }, fakeEnv())
    assert.deepEqual(onRequest?.(exchange({ clientIp })), reply === undefined ? undefined : { reply })
  })
}

test('what is not a network is refused with its place', () => {
  const problems = ipRestriction.check?.(
    { mode: 'allow', networks: ['10.0.0.1', '10.0.0.1/40', 'x'] },
    { pathVariables: [] },
  )
  assert.deepEqual(
    problems?.map(({ path }) => path),
    ['/networks/1', '/networks/2'],
  )
})
