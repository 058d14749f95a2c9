import { planKeyChange, type SubscribedKey, toKeyFields } from '../../design/declarative/plan-access.ts'
import type { PlannedChange } from '../../design/declarative/plan-service.ts'
import type { ReadSetup } from '../../design/declarative/read-setup.ts'
import { pointerTo } from '../../lib/json-pointer.ts'
import type { actionsOfInstallation } from '../../model/audited.ts'
import type { KeyFields, Setup } from '../../model/declarative.ts'
import { newId } from '../../model/id.ts'
import type { ApiKey, KeySlot, Subscription } from '../../model/key.ts'
import type { Problem } from '../../plugins/plugin.ts'
import type { AuditEntry } from '../../store/audit.ts'
import type { KeyDigests } from '../../store/keys.ts'
import type { Unit } from '../../store/unit.ts'
import { digestsOf, newKeyValue, noRoom } from '../keys.ts'
import type { KindPlan, Outlook, PlanOptions } from './kind.ts'
import { noSuchStage } from './usage-plans.ts'

/** API keys in a setup: what a document makes of them, and how a document has them. */

/** How many keys are read at once. */
const PAGE = 1000

/** A key that is there. */
interface KnownKey {
  readonly key: ApiKey
  readonly digests: KeyDigests
  readonly subscriptions: readonly Subscription[]
}

/** What is to be done to one key. */
interface PlannedKey {
  readonly before: KnownKey | null
  readonly after: SubscribedKey
  readonly digests: KeyDigests
  /** The values that the document gives. */
  readonly given: readonly KeySlot[]
  /** Those of them that the key, which is there, does not have yet. */
  readonly replaced: readonly KeySlot[]
  readonly change: PlannedChange | null
}

/** Keys as a document has them, without their values. An export of some services has none: a key may be subscribed to others. */
export async function exportKeys(
  unit: Unit,
  services: readonly string[] | null,
): Promise<Readonly<Record<string, KeyFields>> | null> {
  if (services !== null) return null
  const fields: [string, KeyFields][] = []
  for await (const keys of allKeys(unit))
    for (const known of keys) fields.push([known.key.name, toKeyFields(subscribed(known))])
  return Object.fromEntries(fields)
}

/** What a document makes of the keys. */
export async function planKeys(
  unit: Unit,
  { setup, isSound }: ReadSetup,
  { prune, keyCapacity }: PlanOptions,
  outlook: Outlook,
): Promise<KindPlan> {
  const named = new Map(keysOf(setup))
  const known = await knownKeys(unit, [...named.keys()])
  const gone = prune && setup.keys !== undefined ? await keysBut(unit, named) : []
  const problems: Problem[] = []
  const planned: PlannedKey[] = []
  for (const [name, fields] of named) {
    const pointer = pointerTo('keys', name)
    if (!isSound(pointer)) continue
    const found = [...checkExpiry(fields), ...checkSubscriptions(fields, outlook)]
    problems.push(...found.map(({ path, message }) => ({ path: pointer + path, message })))
    if (found.length === 0) planned.push(planKey(unit, name, fields, known.get(name) ?? null))
  }
  problems.push(...(await checkValues(unit, planned, gone)))
  const made = planned.filter(({ before }) => before === null).length
  problems.push(...(await checkRoom(unit, made - gone.length, keyCapacity)))
  const deletions = gone.map((one) => planKeyChange({ before: subscribed(one), after: null }, []))
  const changed = planned.filter(({ change }) => change !== null)
  return {
    changes: [...changed.map(({ change }) => change), ...deletions]
      .flatMap((change) => change ?? [])
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    problems,
    touched: { keys: [...changed.map(({ after }) => after.key.id), ...gone.map(({ key }) => key.id)] },
    untold: changed.flatMap(({ given, digests }) => given.map((slot) => digests[slot])),
    async write(unit) {
      // What goes goes first: its values may be those of another key from now on.
      for (const one of gone) await deleteKnown(unit, one)
      await writeKeys(unit, changed, outlook)
    },
    remove: async () => [],
  }
}

function planKey(
  unit: Unit,
  name: string,
  { subscriptions, values = {}, ...fields }: KeyFields,
  before: KnownKey | null,
): PlannedKey {
  const now = new Date().toISOString()
  const { expiresAt } = fields
  const own = before?.key ?? { id: newId(), lastUsedAt: null, version: 0, createdAt: now }
  const key: ApiKey = {
    ...own,
    ...fields,
    name,
    expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    version: own.version + 1,
    updatedAt: now,
  }
  const given = (['primary', 'secondary'] as const).filter((slot) => values[slot] !== undefined)
  const made = digestsOf(unit, { primary: newKeyValue(), secondary: newKeyValue(), ...values })
  const digests = { ...made, ...before?.digests, ...Object.fromEntries(given.map((slot) => [slot, made[slot]])) }
  const replaced = before === null ? [] : given.filter((slot) => before.digests[slot] !== digests[slot])
  const after = { key, subscriptions }
  const change = planKeyChange({ before: before && subscribed(before), after }, replaced)
  return { before, after, digests, given, replaced, change }
}

function subscribed({ key, subscriptions }: KnownKey): SubscribedKey {
  const plans = subscriptions.map(({ service, stage, plan }): [string, string] => [`${service}/${stage}`, plan])
  return { key, subscriptions: Object.fromEntries(plans) }
}

/** A time that has been is none to refuse: the document was there before. */
function checkExpiry({ expiresAt }: KeyFields): Problem[] {
  if (expiresAt === null || (TIME.test(expiresAt) && !Number.isNaN(Date.parse(expiresAt)))) return []
  return [{ path: '/expiresAt', message: `"${expiresAt}" is not a time, such as 2030-01-31T00:00:00Z.` }]
}

/** RFC 3339, as the management API takes it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i

/** A subscription is to a stage that there is, through a plan that is connected to it. */
function checkSubscriptions({ subscriptions }: KeyFields, outlook: Outlook): Problem[] {
  return Object.entries(subscriptions).flatMap(([stage, name]) => {
    const path = pointerTo('subscriptions', stage)
    if (!outlook.stages.has(stage)) return [{ path, message: noSuchStage(stage, outlook) }]
    const plan = outlook.plans.get(name)
    if (plan === undefined)
      return [{ path, message: `There is no plan "${name}", neither in the setup nor beside it.` }]
    if (plan.stages?.has(stage) === false)
      return [{ path, message: `The plan "${name}" is not connected to ${stage}: have that among its stages.` }]
    return []
  })
}

/** No value is there twice: neither in the document, nor beside it, once all of it is done. */
async function checkValues(unit: Unit, planned: readonly PlannedKey[], gone: readonly KnownKey[]): Promise<Problem[]> {
  const owners = await unit.keys.ownersOf(planned.flatMap(({ given, digests }) => given.map((slot) => digests[slot])))
  const spokenOf = new Set([...planned.map(({ after }) => after.key.id), ...gone.map(({ key }) => key.id)])
  const uses = new Map<string, number>()
  for (const { digests } of planned)
    for (const digest of [digests.primary, digests.secondary]) uses.set(digest, (uses.get(digest) ?? 0) + 1)
  return planned.flatMap(({ after: { key }, digests, given }) =>
    given.flatMap((slot) => {
      const path = pointerTo('keys', key.name, 'values', slot)
      if (digests.primary === digests.secondary)
        return slot === given.at(-1) ? [{ path, message: 'The two values of a key must differ.' }] : []
      const owner = owners.get(digests[slot])
      const isTaken = (uses.get(digests[slot]) ?? 0) > 1 || (owner !== undefined && !spokenOf.has(owner))
      return isTaken ? [{ path, message: 'The value is that of another key: choose another.' }] : []
    }),
  )
}

async function checkRoom(unit: Unit, more: number, capacity: number): Promise<Problem[]> {
  if (more <= 0 || (await unit.keys.count()) + more <= capacity) return []
  return [{ path: pointerTo('keys'), message: noRoom(capacity) }]
}

/** Writes keys that are new or different, with the audit entry of each. */
async function writeKeys(unit: Unit, planned: readonly PlannedKey[], outlook: Outlook): Promise<void> {
  const replaced = planned.filter((one) => one.replaced.length > 0)
  // A value may go from one key to another: in between nobody has it.
  for (const {
    after: { key },
  } of replaced)
    await unit.keys.setDigests(key.id, { primary: `${key.id} primary`, secondary: `${key.id} secondary` })
  for (const {
    after: { key },
    digests,
  } of replaced)
    await unit.keys.setDigests(key.id, digests)
  await unit.keys.insert(
    planned.flatMap(({ before, after, digests }) => (before === null ? [{ key: after.key, digests }] : [])),
  )
  const entries: AuditEntry[] = []
  for (const one of planned) entries.push(...(await writeKey(unit, one, outlook)))
  await unit.audit.recordAll(entries)
}

type ActionOnKey = (typeof actionsOfInstallation.key)[number]

/** Writes what is different of a key but its digests. */
async function writeKey(
  unit: Unit,
  { before, after: { key, subscriptions }, replaced, change }: PlannedKey,
  outlook: Outlook,
): Promise<AuditEntry[]> {
  const entryOf = (action: ActionOnKey, old: unknown, now: unknown): AuditEntry => ({
    action,
    kind: 'key',
    id: key.id,
    before: old,
    after: now,
  })
  const entries: AuditEntry[] = []
  const isTouched = change?.differences.some(({ field }) => !field.startsWith('/subscriptions/'))
  if (before === null) entries.push(entryOf('create', null, key))
  else if (isTouched) {
    await unit.keys.update(key)
    entries.push(entryOf('update', before.key, key), ...replaced.map((which) => entryOf('regenerate', null, { which })))
  }
  const old = new Map(before?.subscriptions.map((one) => [`${one.service}/${one.stage}`, one]))
  for (const [address, { stageId, planId }] of old) {
    if (Object.hasOwn(subscriptions, address)) continue
    await unit.keys.unsubscribe(key.id, stageId)
    entries.push(entryOf('unsubscribe', { stageId, planId }, null))
  }
  for (const [address, plan] of Object.entries(subscriptions)) {
    const known = old.get(address)
    if (known?.plan === plan) continue
    const [stageId, planId] = [outlook.stages.get(address) ?? '', outlook.plans.get(plan)?.id ?? '']
    await unit.keys.subscribe(key.id, stageId, planId)
    entries.push(
      known === undefined
        ? entryOf('subscribe', null, { stageId, planId })
        : entryOf('move', { stageId, planId: known.planId }, { stageId, planId }),
    )
  }
  return entries
}

/** Deletes a key with its subscriptions. */
async function deleteKnown(unit: Unit, { key, subscriptions }: KnownKey): Promise<void> {
  for (const { stageId } of subscriptions) await unit.keys.unsubscribe(key.id, stageId)
  await unit.keys.delete(key.id)
  await unit.audit.recordAll([
    ...subscriptions.map(
      ({ stageId, planId }): AuditEntry => ({
        action: 'unsubscribe',
        kind: 'key',
        id: key.id,
        before: { stageId, planId },
        after: null,
      }),
    ),
    { action: 'delete', kind: 'key', id: key.id, before: key, after: null },
  ])
}

/** The keys of some names, with all that belongs to them. */
async function knownKeys(unit: Unit, names: readonly string[]): Promise<Map<string, KnownKey>> {
  const known = await withAll(unit, await unit.keys.ofNames(names))
  return new Map(known.map((one) => [one.key.name, one]))
}

async function keysBut(unit: Unit, kept: ReadonlyMap<string, unknown>): Promise<KnownKey[]> {
  const gone: KnownKey[] = []
  for await (const keys of allKeys(unit)) gone.push(...keys.filter(({ key }) => !kept.has(key.name)))
  return gone
}

/** All keys in the order of their names, some at a time. */
async function* allKeys(unit: Unit): AsyncGenerator<KnownKey[]> {
  for (let after: { name: string; value: string } | null = null; ; ) {
    const keys: ApiKey[] = await unit.keys.list({ search: '', sort: 'name', isDescending: false, after, limit: PAGE })
    const last = keys.at(-1)
    if (last === undefined) return
    after = { name: last.name, value: last.name }
    yield withAll(unit, keys)
  }
}

async function withAll(unit: Unit, keys: readonly ApiKey[]): Promise<KnownKey[]> {
  const ids = keys.map(({ id }) => id)
  const digests = await unit.keys.digestsOfAll(ids)
  const subscriptions = await unit.keys.subscriptionsOfAll(ids)
  return keys.map((key) => ({
    key,
    digests: digests.get(key.id) ?? { primary: '', secondary: '' },
    subscriptions: subscriptions.get(key.id) ?? [],
  }))
}

/** The keys of a document; none where they have not the form of keys, which is told elsewhere. */
function keysOf({ keys }: Setup): [string, KeyFields][] {
  return typeof keys === 'object' && keys !== null ? Object.entries(keys) : []
}
