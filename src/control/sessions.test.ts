import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TooManyAttempts } from '../model/errors.ts'
import { LoginThrottle } from './sessions.ts'

describe('LoginThrottle', () => {
  const clock = () => {
    let now = 0
    return { throttle: new LoginThrottle(() => now), pass: (seconds: number) => (now += seconds * 1000) }
  }
  const wrong = () => Promise.resolve(false)
  const right = () => Promise.resolve(true)

  test('five failures are free; then each wait is twice the one before, up to a quarter of an hour', async () => {
    const { throttle, pass } = clock()
    for (let i = 0; i < 5; i++) assert.equal(await throttle.attempt(['a'], wrong), false)
    const waits: number[] = []
    for (let i = 0; i < 12; i++) {
      const wait = throttle.secondsToWait(['a'])
      waits.push(wait)
      pass(wait)
      await throttle.attempt(['a'], wrong)
    }
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
  })

  test('who must wait is not even looked at', async () => {
    const { throttle } = clock()
    for (let i = 0; i < 5; i++) await throttle.attempt(['a'], wrong)
    await assert.rejects(
      throttle.attempt(['a'], () => assert.fail('looked at')),
      (error: unknown) => error instanceof TooManyAttempts && error.retryAfterSeconds === 1,
    )
  })

  test('a name fails from everywhere, and an address with every name', async () => {
    const { throttle } = clock()
    for (let i = 0; i < 5; i++) await throttle.attempt([`name ada`, `address ${i}`], wrong)
    assert.equal(throttle.secondsToWait(['name ada', 'address new']), 1)
    assert.equal(throttle.secondsToWait(['name bob', 'address 1']), 0)
  })

  test('many at once cost as many one after the other', async () => {
    const { throttle } = clock()
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => throttle.attempt(['a'], wrong)))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 5)
  })

  test('a success forgets, and so does an hour', async () => {
    const { throttle, pass } = clock()
    for (let i = 0; i < 4; i++) await throttle.attempt(['a'], wrong)
    await throttle.attempt(['a'], right)
    for (let i = 0; i < 4; i++) await throttle.attempt(['a'], wrong)
    assert.equal(throttle.secondsToWait(['a']), 0)
    pass(3601)
    await throttle.attempt(['a'], wrong)
    assert.equal(throttle.secondsToWait(['a']), 0)
  })

  test('keys without end do not grow without end', async () => {
    const { throttle } = clock()
    for (let i = 0; i < 20_000; i++) throttle.fail([`address ${i}`])
    assert.ok(throttle.size <= 10_000)
  })
})
