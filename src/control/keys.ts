import { randomBytes } from 'node:crypto'
import { Conflict, Invalid, NotFound } from '../model/errors.ts'
import { newId } from '../model/id.ts'
import type { ApiKey, KeySlot, KeyValues } from '../model/key.ts'
import type { KeyDigests } from '../store/keys.ts'
import type { Unit } from '../store/unit.ts'
import { readFuture } from './times.ts'
import { assertVersion, type ExpectedVersion } from './versions.ts'

/** What somebody may say of a key that is made. */
export interface NewKey {
  readonly name: string
  readonly description?: string
  readonly active?: boolean
  readonly expiresAt?: string | null
  /** Values of their own; those that are left out are made. */
  readonly primary?: string
  readonly secondary?: string
}

/** A key that was just made: its values are shown this once. */
export interface CreatedKey {
  readonly key: ApiKey
  readonly values: KeyValues
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const VALUE_LENGTH = 32

/** A value of 32 letters and digits: about 190 random bits. */
export function newKeyValue(): string {
  let value = ''
  while (value.length < VALUE_LENGTH)
    // Bytes above the largest multiple of 62 are left out, or some characters would be likelier than others.
    for (const byte of randomBytes(VALUE_LENGTH)) if (byte < 248) value += LETTERS_AND_DIGITS.charAt(byte % 62)
  return value.slice(0, VALUE_LENGTH)
}

/** Makes a key. Throws `Conflict` where its name or a value is taken, or there are as many as the gateway has room for. */
export async function createKey(unit: Unit, given: NewKey, capacity: number): Promise<CreatedKey> {
  if ((await unit.keys.findByName(given.name)) !== null)
    throw new Conflict(`There is already a key "${given.name}": choose another name.`)
  await assertRoom(unit, 1, capacity)
  const values = { primary: given.primary ?? newKeyValue(), secondary: given.secondary ?? newKeyValue() }
  const digests = digestsOf(unit, values)
  await assertFree(unit, digests, null)
  const key = keyOf(given)
  await unit.keys.insert([{ key, digests }])
  await unit.audit.record({ action: 'create', kind: 'key', id: key.id, before: null, after: key })
  return { key, values }
}

/** A new key with what was given of it. Throws `Invalid` for an expiry that has been. */
export function keyOf({ name, description = '', active = true, expiresAt = null }: NewKey): ApiKey {
  const now = new Date().toISOString()
  return {
    id: newId(),
    name,
    description,
    active,
    expiresAt: expiresAt === null ? null : readFuture('key', expiresAt),
    lastUsedAt: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
}

/** Throws `Conflict` where the gateway has no room for so many more keys. */
export async function assertRoom(unit: Unit, count: number, capacity: number): Promise<void> {
  if ((await unit.keys.count()) + count > capacity) throw new Conflict(noRoom(capacity))
}

export function noRoom(capacity: number): string {
  return `This gateway has room for ${capacity} keys: start it with a larger --max-keys.`
}

/** The key of an id or a name. Throws `NotFound`. */
export async function findKey(unit: Unit, idOrName: string): Promise<ApiKey> {
  const key = (await unit.keys.find(idOrName)) ?? (await unit.keys.findByName(idOrName))
  if (key === null) throw new NotFound('key', idOrName)
  return key
}

/** Changes what a key is called, whether it is active, and when it expires. */
export async function updateKey(
  unit: Unit,
  idOrName: string,
  { expiresAt, ...changes }: Partial<Pick<ApiKey, 'name' | 'description' | 'active' | 'expiresAt'>>,
  expected: ExpectedVersion,
): Promise<ApiKey> {
  const before = await findKey(unit, idOrName)
  assertVersion(before, expected)
  if (changes.name !== undefined && changes.name !== before.name && (await unit.keys.findByName(changes.name)) !== null)
    throw new Conflict(`There is already a key "${changes.name}": choose another name.`)
  const ends = expiresAt === undefined ? before.expiresAt : expiresAt === null ? null : readFuture('key', expiresAt)
  const after = { ...before, ...changes, expiresAt: ends, ...touched(before) }
  await unit.keys.update(after)
  await unit.audit.record({ action: 'update', kind: 'key', id: before.id, before, after })
  return after
}

/** Replaces one value of a key, by one that is given or made; the old one is refused at once. Returns the new one. */
export async function regenerateKey(
  unit: Unit,
  idOrName: string,
  { which, value = newKeyValue() }: { which: KeySlot; value?: string },
  expected: ExpectedVersion,
): Promise<{ key: ApiKey; value: string }> {
  const before = await findKey(unit, idOrName)
  assertVersion(before, expected)
  const old = await unit.keys.digestsOf(before.id)
  const digests = { primary: old?.primary ?? '', secondary: old?.secondary ?? '', [which]: digestOf(unit, value) }
  await assertFree(unit, digests, before.id)
  const key = { ...before, ...touched(before) }
  await unit.keys.setDigests(before.id, digests)
  await unit.keys.update(key)
  await unit.audit.record({ action: 'regenerate', kind: 'key', id: key.id, before: null, after: { which } })
  return { key, value }
}

/** Deletes a key. Throws `Conflict` where it is subscribed. Returns it. */
export async function deleteKey(unit: Unit, idOrName: string, expected: ExpectedVersion): Promise<ApiKey> {
  const before = await findKey(unit, idOrName)
  assertVersion(before, expected)
  const subscriptions = await unit.keys.subscriptionsOf(before.id)
  if (subscriptions.length > 0) {
    const where = subscriptions.map(({ service, stage, plan }) => `${service}/${stage} (plan ${plan})`)
    throw new Conflict(`The key "${before.name}" is subscribed to ${where.join(', ')}: end that first.`)
  }
  await unit.keys.delete(before.id)
  await unit.audit.record({ action: 'delete', kind: 'key', id: before.id, before, after: null })
  return before
}

/** What is kept of the values of a key. */
export function digestsOf(unit: Unit, { primary, secondary }: KeyValues): KeyDigests {
  return { primary: digestOf(unit, primary), secondary: digestOf(unit, secondary) }
}

function digestOf(unit: Unit, value: string): string {
  return unit.vault.digest(value)
}

/** Throws `Invalid` where both values are the same, `Conflict` where another key has one of them. */
async function assertFree(unit: Unit, { primary, secondary }: KeyDigests, ownId: string | null): Promise<void> {
  if (primary === secondary)
    throw new Invalid('The two values of a key must differ.', [
      { path: '/secondary', message: 'It is the same as the primary value: choose another.' },
    ])
  const owners = await unit.keys.ownersOf([primary, secondary])
  for (const [slot, digest] of Object.entries({ primary, secondary })) {
    const owner = owners.get(digest)
    if (owner !== undefined && owner !== ownId)
      throw new Conflict(`The ${slot} value is that of another key: choose another.`)
  }
}

function touched({ version }: ApiKey): Pick<ApiKey, 'version' | 'updatedAt'> {
  return { version: version + 1, updatedAt: new Date().toISOString() }
}
