import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { Type } from '#bundles/typebox'
import { createVault } from '../lib/vault.ts'
import { HashedPassword, protect, reveal, Secret } from './secret.ts'

const text = { title: 'T', description: 'D.', examples: ['x'] }
const schema = Type.Object({
  name: Type.String(),
  key: Secret(text),
  users: Type.Array(Type.Object({ name: Type.String(), password: HashedPassword(text) })),
  byName: Type.Record(Type.String(), Secret(text)),
  either: Type.Union([Type.Object({ secret: Secret(text) }), Type.Object({ url: Type.String() })]),
})
const vault = createVault(randomBytes(32))
const config = {
  name: 'plain',
  key: 'marked-1',
  users: [
    { name: 'ada', password: 'marked-2' },
    { name: 'bob', password: 'marked-2' },
  ],
  byName: { a: 'marked-3' },
  either: { secret: 'marked-4' },
}

test('nothing of a secret is left, and nothing else is changed', () => {
  const { config: kept, problems } = protect(config, schema, vault)
  assert.deepEqual(problems, [])
  assert.doesNotMatch(JSON.stringify(kept), /marked/)
  assert.equal(kept.name, 'plain')
  assert.deepEqual(
    kept.users.map(({ name }) => name),
    ['ada', 'bob'],
  )
})

test('equal passwords of two users do not look alike', () => {
  const [ada, bob] = protect(config, schema, vault).config.users
  assert.notEqual(ada?.password, bob?.password)
})

test('what is kept can be sent back, and stays as it is', () => {
  const { config: kept } = protect(config, schema, vault)
  assert.deepEqual(protect(kept, schema, vault), { config: kept, problems: [] })
  assert.deepEqual(protect(config, schema, vault).config, kept)
})

test('the gateway has the sealed ones in clear, and passwords as hashes', () => {
  const { config: kept } = protect(config, schema, vault)
  const seen = reveal(kept, schema, vault)
  assert.deepEqual([seen.key, seen.byName.a, seen.either], ['marked-1', 'marked-3', { secret: 'marked-4' }])
  assert.match(seen.users[0]?.password ?? '', /^\$argon2id\$/)
})

test('a secret of another installation is a problem with its place', () => {
  const foreign = createVault(randomBytes(32)).seal('x')
  const { problems } = protect({ ...config, byName: { 'a/b': foreign } }, schema, vault)
  assert.deepEqual(
    problems.map(({ path }) => path),
    ['/byName/a~1b'],
  )
})
