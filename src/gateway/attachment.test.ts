import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Exchange, Handlers } from '../plugins/plugin.ts'
import { type AttachmentWatch, inShadow } from './attachment.ts'
import { type Client, GatewayExchange } from './exchange.ts'

/** Plugins in shadow: what they do is seen, and not felt. */

const consumer = { id: 'c1', name: 'Ada', groups: [] }

function newExchange(): GatewayExchange {
  // Nothing here speaks to the client.
  const x = new GatewayExchange({} as Client)
  x.begin(0)
  x.request.headers.push('X-A', '1')
  x.request.query = 'a=1'
  return x
}

/** Runs a plugin in shadow on an exchange; gives back what the pipeline sees and what the watch was told. */
async function run(handlers: Handlers, x = newExchange()) {
  const refusals: string[] = []
  const watch: AttachmentWatch = {
    wouldRefuse: (_, plugin, reason) => refusals.push(`${plugin} ${reason}`),
    conditionFailed: () => assert.fail('there is no condition'),
    happened: () => undefined,
  }
  const shadow = inShadow(handlers, 'guard', 0, watch)
  const outcome = await shadow.onRequest?.(x)
  return { x, shadow, refusals, outcome }
}

const refusals: [what: string, onRequest: NonNullable<Handlers['onRequest']>, told: string][] = [
  ['a reply', () => ({ reply: 'internal-error' }), 'guard internal-error'],
  ['a response', () => ({ status: 204, headers: [], body: '' }), 'guard status 204'],
  ['a promise of a reply', async () => ({ reply: 'internal-error' }), 'guard internal-error'],
  [
    'a throw',
    () => {
      throw new Error('broken')
    },
    'guard internal-error: broken',
  ],
  ['a rejection', () => Promise.reject(new Error('late')), 'guard internal-error: late'],
]
describe('goes on after', () => {
  for (const [what, onRequest, told] of refusals) {
    test(what, async () => {
      const { outcome, refusals: seen } = await run({ onRequest })
      assert.equal(outcome, undefined)
      assert.deepEqual(seen, [told])
    })
  }
})

const meddle = (x: Exchange) => {
  x.request.headers.set('x-a', '2')
  x.request.headers.set('x-b', '3')
  x.request.query = ''
  x.request.maxBodyBytes = 1
  x.response.headers.set('x-c', '4')
  x.id = 'mine'
  x.timeouts = { connectMs: 1, responseMs: 1, idleMs: 1, totalMs: 1 }
  x.consumer = consumer
  x.claims = { sub: 'u1' }
}

test('changes are not felt, but for the identity of a request that it lets pass', async () => {
  const { x } = await run({ onRequest: (one) => meddle(one) })
  assert.deepEqual([...x.request.headers], [['X-A', '1']])
  assert.equal(x.request.query, 'a=1')
  assert.ok(x.request.maxBodyBytes > 1)
  assert.ok(x.response.headers.isEmpty)
  assert.notEqual(x.id, 'mine')
  assert.equal(x.timeouts, null)
  assert.deepEqual([x.consumer, x.claims], [consumer, { sub: 'u1' }])
})

test('of one that it would refuse nothing is taken over', async () => {
  const { x } = await run({
    onRequest(one) {
      meddle(one)
      return { reply: 'internal-error' }
    },
  })
  assert.deepEqual([x.consumer, x.claims], [null, null])
})

test('it sees its own changes, in onFinish too, and the id that others see', async () => {
  const seen: unknown[] = []
  const { x, shadow } = await run({
    onRequest(one) {
      seen.push(one.id)
      one.request.headers.set('x-a', '2')
      seen.push(one.request.headers.get('x-a'))
    },
    onResponse: () => assert.fail('response handlers do not run in shadow'),
    onFinish: (one) => seen.push(one.request.headers.get('x-a')),
  })
  assert.equal(shadow.onResponse, undefined)
  shadow.onFinish?.(x)
  assert.deepEqual(seen, [x.id, '2', '2'])
})

test('what comes too late is for nobody', async () => {
  const x = newExchange()
  const settled = Promise.withResolvers<void>()
  const running = run(
    {
      async onRequest(one) {
        await settled.promise
        one.consumer = consumer
      },
    },
    x,
  )
  x.begin(1)
  settled.resolve()
  await running
  assert.equal(x.consumer, null)
})

test('the next request on the connection has a view of its own', async () => {
  const { x, shadow } = await run({ onRequest: (one) => meddle(one) })
  x.begin(1)
  x.request.headers.clear()
  x.request.headers.push('X-A', '9')
  let seen: string | undefined
  await inShadow(
    {
      onRequest(one) {
        seen = one.request.headers.get('x-a')
      },
    },
    'guard',
    0,
    { wouldRefuse: () => assert.fail(), conditionFailed: () => assert.fail(), happened: () => undefined },
  ).onRequest?.(x)
  assert.equal(seen, '9')
  assert.ok(shadow)
})
