import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiProblem } from '../../../console/src/api/client.ts'
import { Collided, writeOver } from '../../../console/src/features/design/write-over.ts'

/** A draft is written over what its writer has seen, and over nothing else. */

type Fields = Readonly<Record<string, unknown>>

const began: Fields = { name: 'a', description: '' }
const draft = { base: began, changes: { name: 'mine' } }
const collision = (name: string, version: number) => ({
  theirs: { name },
  yours: draft.changes,
  etag: `"${version}"`,
})

interface Case {
  readonly title: string
  /** What the page shows, as version 1. */
  readonly shown?: Fields
  /** What others make of it, as versions 2 and so on; the page does not know it. */
  readonly others?: readonly Fields[]
  readonly seen?: ReturnType<typeof collision>
  /** What is there in the end; or what collides. */
  readonly left: Fields | { readonly theirs: Fields; readonly etag: string }
}

const cases: readonly Case[] = [
  { title: 'nobody else', left: { name: 'mine', description: '' } },
  {
    title: 'others change another field',
    others: [{ name: 'a', description: 'theirs' }],
    left: { name: 'mine', description: 'theirs' },
  },
  {
    title: 'others have changed the same field, and the page shows it',
    shown: { name: 'theirs', description: '' },
    left: { theirs: { name: 'theirs' }, etag: '"1"' },
  },
  {
    title: 'others change the same field, and nobody has seen it',
    others: [{ name: 'theirs', description: '' }],
    left: { theirs: { name: 'theirs' }, etag: '"2"' },
  },
  {
    title: 'what was seen is written over',
    others: [{ name: 'theirs', description: '' }],
    seen: collision('theirs', 2),
    left: { name: 'mine', description: '' },
  },
  {
    title: 'what was seen is written over, though others go on elsewhere',
    others: [
      { name: 'theirs', description: '' },
      { name: 'theirs', description: 'more' },
    ],
    seen: collision('theirs', 2),
    left: { name: 'mine', description: 'more' },
  },
  {
    title: 'what was seen has become something else again',
    others: [
      { name: 'theirs', description: '' },
      { name: 'theirs again', description: '' },
    ],
    seen: collision('theirs', 2),
    left: { theirs: { name: 'theirs again' }, etag: '"3"' },
  },
]

for (const { title, shown = began, others = [], seen = null, left } of cases)
  test(title, async () => {
    let stored = { value: others.at(-1) ?? shown, etag: `"${others.length + 1}"` }
    const place = {
      current: { value: shown, etag: '"1"' },
      read: async () => stored,
      async write(changes: object, etag: string) {
        if (etag !== stored.etag) throw new ApiProblem(412, { code: 'lost-update' })
        stored = { value: { ...stored.value, ...changes }, etag: '"written"' }
      },
    }
    const before = stored
    try {
      await writeOver(place, draft, seen)
      assert.deepEqual(stored.value, left)
    } catch (error) {
      if (!(error instanceof Collided)) throw error
      assert.deepEqual(error.collision, { ...left, yours: draft.changes })
      assert.equal(stored, before)
    }
  })

test('what else is refused is told as it is', async () => {
  const refused = new ApiProblem(422, {})
  const place = {
    current: { value: began, etag: '"1"' },
    read: async () => assert.fail('nothing is to be read'),
    write: () => Promise.reject(refused),
  }
  await assert.rejects(writeOver(place, draft, null), refused)
})
