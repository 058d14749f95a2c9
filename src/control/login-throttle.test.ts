import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TooManyAttempts } from '../model/errors.ts'
import { LoginThrottle } from './login-throttle.ts'

describe('LoginThrottle', () => {
  const clock = () => {
    let now = 0
    return { throttle: new LoginThrottle(() => now), pass: (seconds: number) => (now += seconds * 1000) }
  }
  const ada = { name: 'ada', address: '192.0.2.1' }
  const wrong = () => Promise.resolve(false)
  const right = () => Promise.resolve(true)

  test('five failures are free; then each wait is twice the one before, up to a quarter of an hour', async () => {
    const { throttle, pass } = clock()
    for (let i = 0; i < 5; i++) assert.equal(await throttle.attempt(ada, wrong), false)
    const waits: number[] = []
    for (let i = 0; i < 12; i++) {
      const wait = throttle.secondsToWait(ada)
      waits.push(wait)
      pass(wait)
      await throttle.attempt(ada, wrong)
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
  })

  test('who must wait is not even looked at', async () => {
    const { throttle } = clock()
    for (let i = 0; i < 5; i++) await throttle.attempt(ada, wrong)
    await assert.rejects(
      throttle.attempt(ada, () => assert.fail('looked at')),
      (error: unknown) => error instanceof TooManyAttempts && error.retryAfterSeconds === 1,
    )
  })

  test('a name fails from everywhere, and an address with every name', async () => {
    const { throttle } = clock()
    for (let i = 0; i < 5; i++) await throttle.attempt({ name: 'ada', address: `192.0.2.${i}` }, wrong)
    assert.equal(throttle.secondsToWait({ name: 'ada', address: '198.51.100.1' }), 1)
    assert.equal(throttle.secondsToWait({ name: 'bob', address: '192.0.2.1' }), 0)
    for (let i = 0; i < 20; i++) await throttle.attempt({ name: `name-${i}`, address: '198.51.100.7' }, wrong)
    assert.equal(throttle.secondsToWait({ name: 'bob', address: '198.51.100.7' }), 1)
  })

  test('all addresses of one subscriber are one', async () => {
    const { throttle } = clock()
    for (let i = 0; i < 20; i++) await throttle.attempt({ name: `name-${i}`, address: `2001:db8::${i + 1}` }, wrong)
    assert.equal(throttle.secondsToWait({ name: 'bob', address: '2001:db8::ffff' }), 1)
    assert.equal(throttle.secondsToWait({ name: 'bob', address: '2001:db8:0:1::1' }), 0)
  })

  test('many at once cost as many one after the other', async () => {
    const { throttle } = clock()
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => throttle.attempt(ada, wrong)))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 5)
  })

  test('a success forgets, and so does an hour', async () => {
    const { throttle, pass } = clock()
    for (let i = 0; i < 4; i++) await throttle.attempt(ada, wrong)
    await throttle.attempt(ada, right)
    for (let i = 0; i < 4; i++) await throttle.attempt(ada, wrong)
    assert.equal(throttle.secondsToWait(ada), 0)
    pass(3601)
    await throttle.attempt(ada, wrong)
    assert.equal(throttle.secondsToWait(ada), 0)
  })

  test('names without end do not grow without end', async () => {
    const { throttle } = clock()
    for (let i = 0; i < 11_000; i++)
      await throttle.attempt({ name: `name-${i}`, address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }, wrong)
    assert.ok(throttle.size <= 10_000)
  })
})
