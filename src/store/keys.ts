import { type Selectable, sql, type Transaction } from '#bundles/kysely'
import { foldCase } from '../lib/fold-case.ts'
import type { ApiKey, CountedUsage, LiveKey, Subscription } from '../model/key.ts'
import { inBatches } from './batches.ts'
import { containing } from './containing.ts'
import type { Tables } from './schema.ts'

/** The digests of a key's two values, in hexadecimal. */
export interface KeyDigests {
  readonly primary: string
  readonly secondary: string
}

/** Which keys, and in which order; those that share a value are in the order of their names. */
export interface KeyQuery {
  /** Only those that have this text in name or description, in whatever case; all for the empty one. */
  readonly search: string
  /** Only those that are subscribed through this plan, to this stage. */
  readonly planId?: string | undefined
  readonly stageId?: string | undefined
  readonly sort: keyof typeof SORT_COLUMNS
  readonly isDescending: boolean
  /** Only those behind one that has these values; null for all. */
  readonly after: { readonly name: string; readonly value: string } | null
  readonly limit: number
}

const SORT_COLUMNS = { name: 'name', createdAt: 'created_at', lastUsedAt: 'last_used' } as const
const MINUTE_MS = 60_000

/** API keys, their subscriptions, and what was used of quotas. */
export class Keys {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  async find(id: string): Promise<ApiKey | null> {
    const row = await this.db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toKey(row)
  }

  async findByName(name: string): Promise<ApiKey | null> {
    const row = await this.db.selectFrom('api_keys').selectAll().where('name', '=', name).executeTakeFirst()
    return row === undefined ? null : toKey(row)
  }

  async list({ search, planId, stageId, sort, isDescending, after, limit }: KeyQuery): Promise<ApiKey[]> {
    const [column, direction] = [SORT_COLUMNS[sort], isDescending ? 'desc' : 'asc'] as const
    let query = this.db.selectFrom('api_keys').selectAll().orderBy(column, direction).limit(limit)
    if (column !== 'name') query = query.orderBy('name', direction)
    if (search !== '') query = query.where(sql<boolean>`search like ${containing(foldCase(search))} escape '!'`)
    if (planId !== undefined || stageId !== undefined) {
      let subscribed = this.db.selectFrom('subscriptions').select('key_id')
      if (planId !== undefined) subscribed = subscribed.where('plan_id', '=', planId)
      if (stageId !== undefined) subscribed = subscribed.where('stage_id', '=', stageId)
      query = query.where('id', 'in', subscribed)
    }
    if (after !== null) {
      const value = column === 'name' ? after.name : column === 'last_used' ? Number(after.value) : after.value
      query = query.where(({ eb, refTuple, tuple }) =>
        eb(refTuple(column, 'name'), isDescending ? '<' : '>', tuple(value, after.name)),
      )
    }
    return (await query.execute()).map(toKey)
  }

  async count(): Promise<number> {
    const row = await this.db
      .selectFrom('api_keys')
      .select(({ fn }) => fn.countAll<number | string>().as('count'))
      .executeTakeFirst()
    return Number(row?.count ?? 0)
  }

  /** The names of keys by their ids, as far as there are any. */
  async namesOf(ids: readonly string[]): Promise<Map<string, string>> {
    const names = new Map<string, string>()
    await inBatches(ids, async (batch) => {
      const rows = await this.db.selectFrom('api_keys').select(['id', 'name']).where('id', 'in', batch).execute()
      for (const { id, name } of rows) names.set(id, name)
    })
    return names
  }

  /** The keys of these names, as far as there are any. */
  async ofNames(names: readonly string[]): Promise<ApiKey[]> {
    const keys: ApiKey[] = []
    await inBatches(names, async (batch) => {
      const rows = await this.db.selectFrom('api_keys').selectAll().where('name', 'in', batch).execute()
      keys.push(...rows.map(toKey))
    })
    return keys
  }

  /** Which of these names are taken. */
  async takenNames(names: readonly string[]): Promise<Set<string>> {
    const taken = new Set<string>()
    await inBatches(names, async (batch) => {
      const rows = await this.db.selectFrom('api_keys').select('name').where('name', 'in', batch).execute()
      for (const { name } of rows) taken.add(name)
    })
    return taken
  }

  /** Which of these digests are of a key's primary or secondary value, and of which key. */
  async ownersOf(digests: readonly string[]): Promise<Map<string, string>> {
    const owners = new Map<string, string>()
    await inBatches(digests, async (batch) => {
      for (const column of ['primary_digest', 'secondary_digest'] as const) {
        const rows = await this.db.selectFrom('api_keys').select([column, 'id']).where(column, 'in', batch).execute()
        for (const row of rows) owners.set(row[column], row.id)
      }
    })
    return owners
  }

  async digestsOf(id: string): Promise<KeyDigests | null> {
    return (await this.digestsOfAll([id])).get(id) ?? null
  }

  /** The same for several. */
  async digestsOfAll(ids: readonly string[]): Promise<Map<string, KeyDigests>> {
    const digests = new Map<string, KeyDigests>()
    await inBatches(ids, async (batch) => {
      const columns = ['id', 'primary_digest', 'secondary_digest'] as const
      const rows = await this.db.selectFrom('api_keys').select(columns).where('id', 'in', batch).execute()
      for (const row of rows) digests.set(row.id, { primary: row.primary_digest, secondary: row.secondary_digest })
    })
    return digests
  }

  async insert(keys: readonly { readonly key: ApiKey; readonly digests: KeyDigests }[]): Promise<void> {
    await inBatches(keys, (batch) =>
      this.db
        .insertInto('api_keys')
        .values(
          batch.map(({ key, digests }) => ({
            ...fromKey(key),
            last_used: 0,
            primary_digest: digests.primary,
            secondary_digest: digests.secondary,
          })),
        )
        .execute(),
    )
  }

  /** Saves a key as it is now. When it was last used is not changed by this. */
  async update(key: ApiKey): Promise<void> {
    await this.db.updateTable('api_keys').set(fromKey(key)).where('id', '=', key.id).execute()
  }

  async setDigests(id: string, { primary, secondary }: KeyDigests): Promise<void> {
    await this.db
      .updateTable('api_keys')
      .set({ primary_digest: primary, secondary_digest: secondary })
      .where('id', '=', id)
      .execute()
  }

  /** Notes when keys were last used, in minutes since the Unix epoch. */
  async setLastUsed(uses: readonly { readonly keyId: string; readonly minute: number }[]): Promise<void> {
    const byMinute = Map.groupBy(uses, ({ minute }) => minute)
    for (const [minute, all] of byMinute)
      await inBatches(all, (batch) =>
        this.db
          .updateTable('api_keys')
          .set({ last_used: minute })
          .where(
            'id',
            'in',
            batch.map(({ keyId }) => keyId),
          )
          .where('last_used', '<', minute)
          .execute(),
      )
  }

  /** Deletes a key, which has no subscription, with what it has used. */
  async delete(id: string): Promise<void> {
    await this.db.deleteFrom('api_keys').where('id', '=', id).execute()
  }

  /** What a key may call, and through which plans, by the names of services and stages. */
  async subscriptionsOf(keyId: string): Promise<Subscription[]> {
    return (await this.subscriptionsOfAll([keyId])).get(keyId) ?? []
  }

  /** The same for several. */
  async subscriptionsOfAll(keyIds: readonly string[]): Promise<Map<string, Subscription[]>> {
    const byKey = new Map<string, Subscription[]>()
    await inBatches(keyIds, async (batch) => {
      const rows = await this.db
        .selectFrom('subscriptions')
        .innerJoin('stages', 'stages.id', 'subscriptions.stage_id')
        .innerJoin('services', 'services.id', 'stages.service_id')
        .innerJoin('plans', 'plans.id', 'subscriptions.plan_id')
        .select([
          'subscriptions.key_id as keyId',
          'subscriptions.stage_id as stageId',
          'services.name as service',
          'stages.name as stage',
          'plans.id as planId',
          'plans.name as plan',
        ])
        .where('subscriptions.key_id', 'in', batch)
        .orderBy('services.name')
        .orderBy('stages.name')
        .execute()
      for (const { keyId, ...subscription } of rows) {
        const known = byKey.get(keyId)
        if (known === undefined) byKey.set(keyId, [subscription])
        else known.push(subscription)
      }
    })
    return byKey
  }

  /** Subscribes a key to a stage through a plan, or moves it to that. */
  async subscribe(keyId: string, stageId: string, planId: string): Promise<void> {
    await this.db
      .insertInto('subscriptions')
      .values({ key_id: keyId, stage_id: stageId, plan_id: planId })
      .onConflict((conflict) => conflict.columns(['key_id', 'stage_id']).doUpdateSet({ plan_id: planId }))
      .execute()
  }

  async unsubscribe(keyId: string, stageId: string): Promise<void> {
    await this.db.deleteFrom('subscriptions').where('key_id', '=', keyId).where('stage_id', '=', stageId).execute()
  }

  /** The keys as the data plane needs them: all in the order of ids, behind one; or those of some ids. */
  async live(which: { readonly after: string; readonly limit: number } | readonly string[]): Promise<LiveKey[]> {
    const all = this.db
      .selectFrom('api_keys')
      .select(['id', 'name', 'active', 'primary_digest', 'secondary_digest', 'expires_at', 'last_used'])
    const wanted =
      'after' in which
        ? all.where('id', '>', which.after).orderBy('id').limit(which.limit)
        : all.where('id', 'in', which.length === 0 ? [''] : which)
    // One statement for both: this is how a million of them are read.
    const rows = await this.db
      .selectFrom(wanted.as('wanted'))
      .leftJoin('subscriptions', 'subscriptions.key_id', 'wanted.id')
      .leftJoin('quota_usage', (join) =>
        join
          .onRef('quota_usage.key_id', '=', 'subscriptions.key_id')
          .onRef('quota_usage.stage_id', '=', 'subscriptions.stage_id')
          .onRef('quota_usage.plan_id', '=', 'subscriptions.plan_id'),
      )
      .selectAll('wanted')
      .select(['subscriptions.stage_id', 'subscriptions.plan_id', 'period', 'used'])
      .orderBy('wanted.id')
      .execute()
    const keys: LiveKey[] = []
    let subscriptions: LiveKey['subscriptions'][number][] = []
    let last = ''
    for (const row of rows) {
      if (row.id !== last) {
        last = row.id
        subscriptions = []
        keys.push({
          id: row.id,
          name: row.name,
          digests: [row.primary_digest, row.secondary_digest],
          isActive: row.active === 1,
          expiresAt: row.expires_at === null ? 0 : Date.parse(row.expires_at),
          lastUsed: row.last_used,
          subscriptions,
        })
      }
      const { stage_id: stageId, plan_id: planId, period, used } = row
      if (stageId !== null && planId !== null)
        subscriptions.push({ stageId, planId, period: period ?? 0, used: used ?? 0 })
    }
    return keys
  }

  /** The most that one key has used of each plan of a stage, by period. */
  async mostUsed(stageId: string): Promise<{ planId: string; period: number; used: number }[]> {
    const rows = await this.db
      .selectFrom('quota_usage')
      .innerJoin('subscriptions', (join) =>
        join
          .onRef('subscriptions.key_id', '=', 'quota_usage.key_id')
          .onRef('subscriptions.stage_id', '=', 'quota_usage.stage_id')
          .onRef('subscriptions.plan_id', '=', 'quota_usage.plan_id'),
      )
      .select(['quota_usage.plan_id as planId', 'period', ({ fn }) => fn.max('used').as('used')])
      .where('quota_usage.stage_id', '=', stageId)
      .groupBy(['quota_usage.plan_id', 'period'])
      .execute()
    return rows.map(({ planId, period, used }) => ({ planId, period, used: Number(used) }))
  }

  /** Writes down what was used. Of keys, stages and plans that are gone nothing is kept. */
  async saveUsage(usage: readonly CountedUsage[]): Promise<void> {
    const rows = await this.existing(usage)
    await inBatches(rows, (batch) =>
      this.db
        .insertInto('quota_usage')
        .values(
          batch.map(({ keyId, stageId, planId, period, used }) => ({
            key_id: keyId,
            stage_id: stageId,
            plan_id: planId,
            period,
            used,
          })),
        )
        .onConflict((conflict) =>
          conflict
            .columns(['key_id', 'stage_id', 'plan_id'])
            .doUpdateSet(({ ref }) => ({ period: ref('excluded.period'), used: ref('excluded.used') })),
        )
        .execute(),
    )
  }

  /** Forgets what was used through a plan. */
  async dropUsage(planId: string): Promise<void> {
    await this.db.deleteFrom('quota_usage').where('plan_id', '=', planId).execute()
  }

  private async existing(usage: readonly CountedUsage[]): Promise<CountedUsage[]> {
    const known = { api_keys: new Set<string>(), stages: new Set<string>(), plans: new Set<string>() }
    for (const [table, member] of [
      ['api_keys', 'keyId'],
      ['stages', 'stageId'],
      ['plans', 'planId'],
    ] as const)
      await inBatches([...new Set(usage.map((one) => one[member]))], async (batch) => {
        const rows = await this.db.selectFrom(table).select('id').where('id', 'in', batch).execute()
        for (const { id } of rows) known[table].add(id)
      })
    return usage.filter(
      ({ keyId, stageId, planId }) => known.api_keys.has(keyId) && known.stages.has(stageId) && known.plans.has(planId),
    )
  }
}

type KeyRow = Omit<Selectable<Tables['api_keys']>, 'search' | 'primary_digest' | 'secondary_digest'>

function toKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    active: row.active === 1,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used === 0 ? null : new Date(row.last_used * MINUTE_MS).toISOString(),
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function fromKey({ id, name, description, active, expiresAt, version, createdAt, updatedAt }: ApiKey) {
  return {
    id,
    name,
    description,
    search: foldCase(`${name}\n${description}`),
    active: active ? 1 : 0,
    expires_at: expiresAt,
    version,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}
