import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RecentRequest } from '../../../console/src/api/model.ts'
import { merged } from '../../../console/src/features/logs/merge.ts'

const request = (id: string, receivedAt = '2030-01-01T00:00:00Z') => ({ id, receivedAt, worker: 0 }) as RecentRequest
const ids = (requests: readonly RecentRequest[]) => requests.map(({ id }) => id)

describe('requests that came, before those that were there', () => {
  test('each is there once', () => {
    assert.deepEqual(ids(merged([request('c'), request('b')], [request('b'), request('a')])), ['c', 'b', 'a'])
  })

  test('clients may send an id twice, which are two requests', () => {
    assert.deepEqual(ids(merged([request('a', '2030-01-01T00:00:01Z')], [request('a')])), ['a', 'a'])
  })

  test('the list stays the same where nothing came', () => {
    const listed = [request('a')]
    assert.equal(merged([], listed), listed)
  })
})
