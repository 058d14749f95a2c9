import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchange, fakeEnv } from './fake-exchange.ts'
import { requestSizeLimit } from './request-size-limit.ts'

/** The limit, the body (undefined: none, or of unknown length), and what becomes of it. */
const cases: readonly [maxBytes: number, body: string | undefined, reply: string | undefined][] = [
  [3, 'abc', undefined],
  [3, 'abcd', 'payload-too-large'],
  [0, 'a', 'payload-too-large'],
  [0, '', undefined],
  [3, undefined, undefined],
]
for (const [maxBytes, body, reply] of cases) {
  test(`${body === undefined ? 'a body of unknown length' : `"${body}"`} with at most ${maxBytes}`, () => {
    const x = exchange(body === undefined ? {} : { body })
    const result = requestSizeLimit.create({ maxBytes }, fakeEnv()).onRequest?.(x) as { reply: string } | undefined
    assert.equal(result?.reply, reply)
    // What streams is held to it on its way.
    if (reply === undefined) assert.equal(x.request.maxBodyBytes, maxBytes)
  })
}
