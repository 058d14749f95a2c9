import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BatchSender, type Sent } from './batch-sender.ts'

const TAKEN: Sent = { refused: 0, reason: null }
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A receiver that answers when the test says so. */
function receiver() {
  const batches: number[][] = []
  let answer: (sent: Sent) => void = () => undefined
  return {
    batches,
    answer: (sent: Sent) => answer(sent),
    send(batch: readonly number[]) {
      batches.push([...batch])
      const { promise, resolve } = Promise.withResolvers<Sent>()
      answer = resolve
      return promise
    },
  }
}

test('a batch that is full goes at once, and the next waits for it', async () => {
  const { batches, answer, send } = receiver()
  const sender = new BatchSender({ maxQueue: 100, maxBatch: 2, delayMs: 60_000, send })
  sender.add([1])
  assert.deepEqual(batches, [])
  sender.add([2, 3, 4])
  assert.deepEqual(batches, [[1, 2]])
  answer(TAKEN)
  await turn()
  assert.deepEqual(batches, [
    [1, 2],
    [3, 4],
  ])
  assert.deepEqual([sender.sent, sender.waiting], [2, 0])
  answer(TAKEN)
  await sender.close(1_000)
})

test('one that is not goes after a moment', async () => {
  const { promise, resolve } = Promise.withResolvers<readonly number[]>()
  const send = async (batch: readonly number[]) => {
    resolve(batch)
    return TAKEN
  }
  new BatchSender({ maxQueue: 100, maxBatch: 50, delayMs: 1, send }).add([1, 2])
  assert.deepEqual(await promise, [1, 2])
})

test('what finds no room is dropped and counted, however long the receiver takes', async () => {
  const { answer, send } = receiver()
  const sender = new BatchSender({ maxQueue: 10, maxBatch: 5, delayMs: 1, send })
  for (let i = 0; i < 1_000; i++) sender.add([i, i])
  // Five are on their way.
  assert.deepEqual([sender.waiting, sender.dropped], [10, 2_000 - 15])
  answer(TAKEN)
  await turn()
  assert.equal(sender.waiting, 5)
  await sender.close(1)
  assert.equal(sender.sent + sender.dropped + 5, 2_000)
})

test('what is refused is counted, with the reason as long as it holds', async () => {
  const { answer, send } = receiver()
  const sender = new BatchSender({ maxQueue: 10, maxBatch: 3, delayMs: 60_000, send })
  sender.add([1, 2, 3])
  answer({ refused: 2, reason: 'it is full' })
  await turn()
  assert.deepEqual([sender.sent, sender.failed, sender.trouble], [1, 2, 'it is full'])
  sender.add([4, 5, 6])
  answer(TAKEN)
  await turn()
  assert.deepEqual([sender.sent, sender.failed, sender.trouble], [4, 2, null])
})

test('at its end all that waits is sent, a batch at a time', async () => {
  const batches: number[][] = []
  const send = async (batch: readonly number[]) => {
    batches.push([...batch])
    await turn()
    return TAKEN
  }
  const sender = new BatchSender({ maxQueue: 100, maxBatch: 4, delayMs: 60_000, send })
  sender.add([1, 2, 3])
  await sender.close(10_000)
  assert.deepEqual(batches, [[1, 2, 3]])
  assert.deepEqual([sender.sent, sender.dropped], [3, 0])
})

test('and what the receiver does not take in time is dropped', async () => {
  const { send } = receiver()
  const sender = new BatchSender({ maxQueue: 100, maxBatch: 2, delayMs: 60_000, send })
  sender.add([1, 2, 3])
  await sender.close(1)
  assert.deepEqual([sender.sent, sender.dropped, sender.waiting], [0, 1, 0])
})
