import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApiProblem } from '../../../console/src/api/client.ts'
import { ChangedMeanwhile, isSameJson, savePart } from '../../../console/src/api/save-part.ts'

/** Saving a part of something whose version is that of the whole. */

const lostUpdate = () => new ApiProblem(412, { code: 'lost-update' })

/** A whole that others change: each time that it is read, its part is the next of these; the last one stays. */
function whole(...parts: readonly string[]) {
  let reads = 0
  const saved: string[] = []
  const read = async () => {
    const value = parts[Math.min(reads, parts.length - 1)] ?? ''
    return { value, etag: `"${++reads}"` }
  }
  return { read, saved, reads: () => reads }
}

describe('a part is saved', () => {
  test('with the version that was read just before', async () => {
    const { read, saved } = whole('a')
    assert.equal(await savePart(read, 'a', async (etag) => saved.push(etag)), 1)
    assert.deepEqual(saved, ['"1"'])
  })

  test('though others change the rest all the time: it is read and tried again', async () => {
    const { read, saved } = whole('a')
    await savePart(read, 'a', async (etag) => {
      saved.push(etag)
      if (saved.length < 3) throw lostUpdate()
    })
    assert.deepEqual(saved, ['"1"', '"2"', '"3"'])
  })

  test('not for ever', async () => {
    const { read, saved } = whole('a')
    const save = async (etag: string) => {
      saved.push(etag)
      throw lostUpdate()
    }
    await assert.rejects(savePart(read, 'a', save), (error) => error instanceof ApiProblem && error.status === 412)
    assert.equal(saved.length, 5)
  })
})

describe('nothing is saved', () => {
  test('where the part is another one now: what it is, is told', async () => {
    const { read, saved } = whole('theirs')
    await assert.rejects(
      savePart(read, 'a', async (etag) => saved.push(etag)),
      (error) => error instanceof ChangedMeanwhile && error.theirs === 'theirs',
    )
    assert.deepEqual(saved, [])
  })

  test('where it becomes another one between two tries', async () => {
    const { read, saved } = whole('a', 'theirs')
    const save = async (etag: string) => {
      saved.push(etag)
      throw lostUpdate()
    }
    await assert.rejects(savePart(read, 'a', save), ChangedMeanwhile)
    assert.deepEqual(saved, ['"1"'])
  })

  test('again, where it is refused for another reason', async () => {
    const { read, reads } = whole('a')
    const refused = new ApiProblem(422, {})
    await assert.rejects(
      savePart(read, 'a', () => Promise.reject(refused)),
      (error) => error === refused,
    )
    assert.equal(reads(), 1)
  })
})

describe('two values read the same', () => {
  for (const [one, other, wanted] of [
    [{ a: 1 }, { a: 1 }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [undefined, undefined, true],
    [undefined, null, false],
    [[1, 2], [2, 1], false],
  ] as const)
    test(`${JSON.stringify(one)} and ${JSON.stringify(other)}: ${wanted}`, () =>
      assert.equal(isSameJson(one, other), wanted))
})
