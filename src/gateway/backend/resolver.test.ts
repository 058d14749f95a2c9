import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { describe, test } from 'node:test'
import { FakeClock } from './fake-parts.ts'
import { type Answer, Resolver } from './resolver.ts'
import { parseTarget } from './target.ts'

/** A name that is watched, whose answers the test gives. */
function start() {
  const clock = new FakeClock()
  const state = { asked: 0, answer: (): Promise<Answer> => Promise.reject(new Error('not set')) }
  const resolver = new Resolver(clock.wheel, () => {
    state.asked++
    return state.answer()
  })
  const heard: string[][] = []
  const name = resolver.watch(parseTarget('http://a.test:81'), (addresses) => heard.push([...addresses]))
  assert.ok(name !== null)
  const find = () =>
    new Promise<string[]>((done, fail) => {
      name.lookup('a.test', { all: true }, (error, found) =>
        error === null ? done((found as LookupAddress[]).map(({ address }) => address)) : fail(error),
      )
    })
  const gives = (addresses: readonly string[], ttlMs = 5_000) => {
    state.answer = () => Promise.resolve({ addresses, ttlMs })
  }
  /** Lets time go by, and what is asked then be answered. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 100) {
      clock.pass(100)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { state, resolver, name, heard, find, gives, pass }
}

describe('a name', () => {
  test('is asked for once while its answer holds, however many want it; each gets another address first', async () => {
    const { find, gives, state } = start()
    gives(['10.0.0.1', '10.0.0.2'])
    const [one, other] = await Promise.all([find(), find()])
    assert.deepEqual(one?.toSorted(), ['10.0.0.1', '10.0.0.2'])
    assert.notEqual(one?.[0], other?.[0])
    assert.equal(state.asked, 1)
  })

  test('is asked for again when its answer holds no longer, before anybody wants it; who listens hears of changes alone', async () => {
    const { find, gives, pass, heard, state } = start()
    gives(['10.0.0.1'])
    await find()
    await pass(5_200)
    assert.equal(state.asked, 2)
    gives(['10.0.0.2', '10.0.0.1'])
    await pass(5_200)
    assert.deepEqual(heard, [['10.0.0.1'], ['10.0.0.1', '10.0.0.2']])
  })

  test('keeps its last addresses while nobody can say it anew, and asks ever more seldom', async () => {
    const { find, gives, pass, state } = start()
    gives(['10.0.0.1'], 1_000)
    await find()
    state.answer = () => Promise.reject(new Error('no server'))
    await pass(20_000)
    assert.deepEqual(await find(), ['10.0.0.1'])
    assert.ok(state.asked <= 7, `asked ${state.asked} times`)
    gives(['10.0.0.9'], 1_000)
    await pass(31_000)
    assert.deepEqual(await find(), ['10.0.0.9'])
  })

  test('that was never known fails with the reason, and is asked for again soon', async () => {
    const { find, gives, pass, state } = start()
    state.answer = () => Promise.reject(new Error('no server'))
    await assert.rejects(find(), /no server/)
    gives(['10.0.0.1'])
    await pass(2_100)
    assert.deepEqual(await find(), ['10.0.0.1'])
  })

  test('that leads to a metadata address leads nowhere, whatever it led to before', async () => {
    const { find, gives, pass, heard } = start()
    gives(['10.0.0.1', '169.254.169.254'])
    assert.deepEqual(await find(), ['10.0.0.1'])
    gives(['169.254.169.254', 'fe80::1'])
    await pass(5_200)
    await assert.rejects(find(), /metadata/)
    assert.deepEqual(heard.at(-1), [])
  })

  test('an answer that holds for no time is not asked for all the time', async () => {
    const { find, gives, pass, state } = start()
    gives(['10.0.0.1'], 0)
    await find()
    await pass(5_000)
    assert.ok(state.asked >= 4 && state.asked <= 6, `asked ${state.asked} times`)
  })

  test('that nobody uses any more is not asked for, until somebody does again', async () => {
    const { find, gives, pass, state } = start()
    gives(['10.0.0.1'])
    await find()
    await pass(120_000)
    const { asked } = state
    assert.ok(asked < 20, `asked ${asked} times`)
    gives(['10.0.0.2'])
    assert.deepEqual(await find(), ['10.0.0.2'])
    assert.equal(state.asked, asked + 1)
  })

  test('that no target has any more is forgotten', async () => {
    const { find, gives, pass, name, state } = start()
    gives(['10.0.0.1'])
    await find()
    name.close()
    await pass(30_000)
    assert.equal(state.asked, 1)
  })

  test('addresses and sockets are no names', () => {
    const { resolver } = start()
    for (const url of ['http://10.0.0.1', 'http://[::1]:80', 'unix:/run/a.sock'])
      assert.equal(
        resolver.watch(parseTarget(url), () => undefined),
        null,
      )
  })
})
