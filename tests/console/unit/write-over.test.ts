import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiProblem } from '../../../console/src/api/client.ts'
import { Collided, writeOver } from '../../../console/src/features/design/write-over.ts'

/** A draft is written over what its writer has seen, and over nothing else. */

type Fields = Readonly<Record<string, unknown>>

const began: Fields = { name: 'a', description: '' }
const draft = { base: began, changes: { name: 'mine' } }

interface Case {
  readonly title: string
  /** What the page shows, as version 1. */
  readonly shown?: Fields
  /** What others make of it, as versions 2 and so on; the page does not know it. */
  readonly others?: readonly Fields[]
  /** The version of it that one has seen in a collision, and decided to write over. */
  readonly seen?: number
  /** What was typed after that. */
  readonly more?: Fields
  /** What is there in the end; or what collides with what others have made in which version. */
  readonly left: Fields | { readonly theirs: Fields; readonly version: number }
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
    left: { theirs: { name: 'theirs' }, version: 1 },
  },
  {
    title: 'others change the same field, and nobody has seen it',
    others: [{ name: 'theirs', description: '' }],
    left: { theirs: { name: 'theirs' }, version: 2 },
  },
  {
    title: 'what was seen is written over',
    others: [{ name: 'theirs', description: '' }],
    seen: 2,
    left: { name: 'mine', description: '' },
  },
  {
    title: 'what was seen is written over, though others go on elsewhere',
    others: [
      { name: 'theirs', description: '' },
      { name: 'theirs', description: 'more' },
    ],
    seen: 2,
    left: { name: 'mine', description: 'more' },
  },
  {
    title: 'what was seen has become something else again',
    others: [
      { name: 'theirs', description: '' },
      { name: 'theirs again', description: '' },
    ],
    seen: 2,
    left: { theirs: { name: 'theirs again' }, version: 3 },
  },
  {
    title: 'what is typed after a collision is another field that others have changed, which nobody has seen',
    others: [{ name: 'theirs', description: 'theirs too' }],
    seen: 2,
    more: { description: 'mine too' },
    left: { theirs: { name: 'theirs', description: 'theirs too' }, version: 2 },
  },
]

for (const { title, shown = began, others = [], seen, more = {}, left } of cases)
  test(title, async () => {
    const versions = [shown, ...others].map((value, i) => ({ value, etag: `"${i + 1}"` }))
    const before = versions.at(-1)
    let stored = before
    const place = {
      current: { value: shown, etag: '"1"' },
      read: async () => stored ?? assert.fail(),
      async write(changes: object, etag: string) {
        if (etag !== stored?.etag) throw new ApiProblem(412, { code: 'lost-update' })
        stored = { value: { ...stored.value, ...changes }, etag: '"written"' }
      },
    }
    const now = versions[(seen ?? 0) - 1]
    const collision = now === undefined ? null : { theirs: { name: now.value.name }, yours: draft.changes, now }
    const changes = { ...draft.changes, ...more }
    try {
      await writeOver(place, { ...draft, changes }, collision)
      assert.deepEqual(stored?.value, left)
    } catch (error) {
      if (!(error instanceof Collided)) throw error
      const { theirs, now } = error.collision
      assert.deepEqual(
        { theirs, now },
        'theirs' in left && { theirs: left.theirs, now: versions[Number(left.version) - 1] },
      )
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
