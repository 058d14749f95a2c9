import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { StoreWatch } from './store-watch.ts'

type Work = ConstructorParameters<typeof StoreWatch>[0]['inTransaction']

function watchOf(tries: (() => Promise<unknown>)[]) {
  let count = 0
  const inTransaction = (() => (tries[count++] ?? (() => Promise.resolve(null)))()) as Work
  return { watch: new StoreWatch({ inTransaction }), tries: () => count }
}

test('a store that fails is down, and up again when it does not', async (t) => {
  t.mock.method(performance, 'now', () => at)
  let at = 10_000
  const { watch } = watchOf([() => Promise.reject(new Error('gone')), () => Promise.resolve(null)])
  assert.equal(watch.last.isUp, true)
  assert.equal((await watch.look()).isUp, false)
  at += 1_000
  assert.equal((await watch.look()).isUp, true)
  watch.stop()
})

test('who asks often is told what is known', async (t) => {
  t.mock.method(performance, 'now', () => 10_000)
  const { watch, tries } = watchOf([])
  await Promise.all([watch.look(), watch.look()])
  await watch.look()
  assert.equal(tries(), 1)
  watch.stop()
})

test('one that hangs is down, and nobody waits for it for ever', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { watch, tries } = watchOf([() => new Promise(() => undefined)])
  const looking = watch.look()
  mock.timers.tick(2_000)
  assert.equal((await looking).isUp, false)
  // The try is still under way, so there is no other.
  const again = watch.look()
  mock.timers.tick(2_000)
  assert.equal((await again).isUp, false)
  assert.equal(tries(), 1)
  watch.stop()
  mock.timers.reset()
})
