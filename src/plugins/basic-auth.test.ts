import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createVault } from '../lib/vault.ts'
import { basicAuth } from './basic-auth.ts'
import { exchange, fakeEnv } from './fake-exchange.ts'
import type { Exchange, Outcome } from './plugin.ts'

const vault = createVault(Buffer.alloc(32, 1))
const user = (name: string, password: string, groups: string[] = []) => ({
  name,
  password: vault.hash(password, `name=${name}`),
  groups,
})
const settings = { users: [user('ada', 'päss:word'), user('bob', 'other', ['staff'])], realm: 'books', forward: false }
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

async function ask(
  handlers: ReturnType<typeof basicAuth.create>,
  authorization?: string,
): Promise<{ x: Exchange; reply: Outcome }> {
  const x = exchange({ headers: authorization === undefined ? {} : { authorization } })
  return { x, reply: (await handlers.onRequest?.(x)) as Outcome }
}
const code = (reply: Outcome) => (reply !== undefined && 'reply' in reply ? reply.reply : reply)

describe('basic-auth', () => {
  const handlers = basicAuth.create(settings, fakeEnv())
  const cases: [what: string, authorization: string | undefined, refused: string | undefined][] = [
    ['the right password', basic('ada:päss:word'), undefined],
    ['the scheme in another case', basic('ada:päss:word').replace('Basic', 'bAsIc'), undefined],
    ['nothing', undefined, 'basic-auth-missing'],
    ['another scheme', 'Bearer x', 'basic-auth-missing'],
    ['no Base64', 'Basic *', 'basic-auth-malformed'],
    ['no colon', basic('ada'), 'basic-auth-malformed'],
    ['credentials without end', basic(`ada:${'x'.repeat(2000)}`), 'basic-auth-malformed'],
    ['a wrong password', basic('ada:wrong'), 'basic-auth-wrong'],
    ['the password of another', basic('ada:other'), 'basic-auth-wrong'],
    ['an unknown name', basic('eve:other'), 'basic-auth-wrong'],
    ['an empty password', basic('ada:'), 'basic-auth-wrong'],
    ['the hash itself', basic(`ada:${settings.users[0]?.password}`), 'basic-auth-wrong'],
  ]
  for (const [what, authorization, refused] of cases)
    test(`${what}: ${refused ?? 'goes on'}`, async () => {
      const { x, reply } = await ask(handlers, authorization)
      assert.equal(code(reply), refused)
      if (refused === undefined)
        assert.deepEqual([x.consumer?.id, x.request.headers.has('authorization')], ['ada', false])
      else assert.match(JSON.stringify(reply), /Basic realm=\\"books\\"/)
    })

  test('what was right once is known at once, also after a deployment, until it is no longer the password', async () => {
    const env = fakeEnv()
    assert.ok(
      basicAuth
        .create(settings, env)
        .onRequest?.(exchange({ headers: { authorization: basic('bob:other') } })) instanceof Promise,
    )
    await ask(basicAuth.create(settings, env), basic('bob:other'))
    const x = exchange({ headers: { authorization: basic('bob:other') } })
    assert.equal(basicAuth.create(settings, env).onRequest?.(x), undefined)
    assert.deepEqual(x.consumer, { id: 'bob', name: 'bob', groups: ['staff'] })
    const changed = { ...settings, users: [user('bob', 'new')] }
    assert.equal(code((await ask(basicAuth.create(changed, env), basic('bob:other'))).reply), 'basic-auth-wrong')
  })

  test('many wrong ones at once do not pile up', async () => {
    const own = basicAuth.create(settings, fakeEnv())
    const all = await Promise.all(Array.from({ length: 100 }, (_, i) => ask(own, basic(`ada:${i}`))))
    const codes = Map.groupBy(all, ({ reply }) => code(reply))
    assert.deepEqual([codes.get('basic-auth-wrong')?.length, codes.get('basic-auth-busy')?.length], [66, 34])
    assert.equal(code((await ask(own, basic('ada:päss:word'))).reply), undefined)
  })

  test('a hash that is none refuses everybody', async () => {
    const own = basicAuth.create({ ...settings, users: [{ name: 'ada', password: 'plain', groups: [] }] }, fakeEnv())
    await assert.rejects(ask(own, basic('ada:plain')))
  })

  test('the same name twice is refused', () => {
    assert.match(
      basicAuth.check?.({ ...settings, users: [user('a', 'x'), user('a', 'y')] }, { pathVariables: [] })[0]?.message ??
        '',
      /twice/,
    )
  })
})
