import { sql, type Transaction } from '#bundles/kysely'
import { inBatches } from './batches.ts'
import type { Tables } from './schema.ts'

/** Names a series. */
export interface StoredKey {
  readonly stageId: string
  readonly kind: string
  readonly id: string
}

/** Where a series is kept: its group, and its place in that. */
export interface SeriesPlace {
  readonly group: number
  readonly place: number
}

/** A row of the journal. */
export interface JournalRow {
  readonly id: string
  readonly nodeId: string
  readonly batch: number
  readonly minute: number
  readonly data: Uint8Array
}

/** What there is of one batch. */
export interface JournalBatch {
  readonly nodeId: string
  readonly batch: number
  readonly minute: number
}

/** A bucket's series of one block. */
export interface BucketBlock {
  readonly width: number
  readonly start: number
  readonly group: number
  readonly block: number
  readonly batch: number
  readonly data: Uint8Array
}

/** The block of sums of all series of a group. */
export const SUMMARY = -1

/** The block that names the rows of a bucket's times; row N of those is `TIMES - 1 - N`. */
export const TIMES = -2

/** A bucket that is to be made of finer ones. */
export interface DueBucket {
  readonly width: number
  readonly start: number
  readonly version: number
}

/** Statistics: journal and buckets. What is in their data, this does not know. */
export class Statistics {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  /** The places of series that have traffic on a day, made where there are none, in the order of `keys`. */
  async placesOf(keys: readonly StoredKey[], day: number): Promise<SeriesPlace[]> {
    const places = new Map<StoredKey, SeriesPlace>()
    for (const [, ofGroup] of Map.groupBy(keys, ({ stageId, kind }) => `${kind}\n${stageId}`)) {
      const [{ stageId, kind }] = ofGroup as [StoredKey, ...StoredKey[]]
      const group = (await this.findGroup(stageId, kind)) ?? (await this.addGroup(stageId, kind))
      const known = await this.placesIn(
        group,
        ofGroup.map(({ id }) => id),
      )
      await this.setSeen(group, [...known.values()], day)
      const missing = [...new Set(ofGroup.map(({ id }) => id).filter((id) => !known.has(id)))]
      for (const [id, place] of await this.addSeries(group, missing, day)) known.set(id, place)
      for (const key of ofGroup) places.set(key, { group, place: known.get(key.id) ?? 0 })
    }
    return keys.map((key) => places.get(key) ?? { group: 0, place: 0 })
  }

  /** The number of a group; null where nothing of it was ever counted. */
  async findGroup(stageId: string, kind: string): Promise<number | null> {
    const row = await this.db
      .selectFrom('statistics_groups')
      .select('number')
      .where('stage_id', '=', stageId)
      .where('kind', '=', kind)
      .executeTakeFirst()
    return row?.number ?? null
  }

  /** The places of some series of a group, as far as they are known. */
  async placesIn(group: number, ids: readonly string[]): Promise<Map<string, number>> {
    const places = new Map<string, number>()
    await inBatches(ids, async (some) => {
      const rows = await this.db
        .selectFrom('statistics_series')
        .select(['id', 'place'])
        .where('group_number', '=', group)
        .where('id', 'in', some)
        .execute()
      for (const { id, place } of rows) places.set(id, place)
    })
    return places
  }

  /** The ids of the series at some places of a group. */
  async idsAt(group: number, places: readonly number[]): Promise<Map<number, string>> {
    const ids = new Map<number, string>()
    await inBatches(places, async (some) => {
      const rows = await this.db
        .selectFrom('statistics_series')
        .select(['id', 'place'])
        .where('group_number', '=', group)
        .where('place', 'in', some)
        .execute()
      for (const { id, place } of rows) ids.set(place, id)
    })
    return ids
  }

  /** One more than the highest place of a group. */
  async sizeOf(group: number): Promise<number> {
    const row = await this.db
      .selectFrom('statistics_series')
      .select(({ fn }) => fn.max('place').as('last'))
      .where('group_number', '=', group)
      .executeTakeFirst()
    return Number(row?.last ?? -1) + 1
  }

  /** Forgets the series without traffic since before a day: no bucket has them any more. */
  async dropUnseen(before: number): Promise<void> {
    await this.db.deleteFrom('statistics_series').where('seen', '<', before).execute()
  }

  /** Writes a row into the journal, unless it is there already. */
  async append({ id, nodeId, batch, minute, data }: JournalRow): Promise<void> {
    await this.db
      .insertInto('statistics_journal')
      .values({ id, node_id: nodeId, batch, minute, data })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  }

  /** The batches that are not in buckets yet. */
  async batches(): Promise<JournalBatch[]> {
    const rows = await this.db
      .selectFrom('statistics_journal')
      .select(['batch', 'minute', 'node_id'])
      .distinct()
      .execute()
    return rows.map(({ batch, minute, node_id: nodeId }) => ({ batch, minute, nodeId }))
  }

  /** The data of the rows of a batch. */
  async journalOf(batch: number): Promise<Uint8Array[]> {
    const rows = await this.db.selectFrom('statistics_journal').select('data').where('batch', '=', batch).execute()
    return rows.map(({ data }) => data)
  }

  async dropBatch(batch: number): Promise<void> {
    await this.db.deleteFrom('statistics_journal').where('batch', '=', batch).execute()
  }

  /** Writes blocks, in the place of those that are there. */
  async put(blocks: readonly BucketBlock[]): Promise<void> {
    await inBatches(
      blocks.map(({ group, ...block }) => ({ ...block, group_number: group })),
      (some) =>
        this.db
          .insertInto('statistics_buckets')
          .values(some)
          .onConflict((conflict) =>
            conflict
              .columns(['width', 'start', 'group_number', 'block', 'batch'])
              .doUpdateSet(({ ref }) => ({ data: ref('excluded.data') })),
          )
          .execute(),
    )
  }

  /** The blocks of a group in buckets of one width; all but summaries, or those of some numbers. */
  async blocks(
    width: number,
    starts: readonly number[],
    group: number,
    numbers: readonly number[] | 'all',
  ): Promise<Omit<BucketBlock, 'group' | 'width'>[]> {
    const found: Omit<BucketBlock, 'group' | 'width'>[] = []
    if (numbers.length === 0) return found
    await inBatches(starts, async (some) => {
      const query = this.db
        .selectFrom('statistics_buckets')
        .select(['start', 'block', 'batch', 'data'])
        .where('width', '=', width)
        .where('start', 'in', some)
        .where('group_number', '=', group)
      const rows = await (numbers === 'all'
        ? query.where('block', '>=', 0)
        : query.where('block', 'in', [...numbers])
      ).execute()
      found.push(...rows)
    })
    return found
  }

  /** Which blocks of which groups there are in some buckets, in order; without summaries. */
  async blocksIn(width: number, starts: readonly number[]): Promise<{ group: number; block: number }[]> {
    const rows = await this.db
      .selectFrom('statistics_buckets')
      .select(['group_number', 'block'])
      .distinct()
      .where('width', '=', width)
      .where('start', 'in', [...starts])
      .where('block', '>=', 0)
      .orderBy('group_number')
      .orderBy('block')
      .execute()
    return rows.map(({ group_number: group, block }) => ({ group, block }))
  }

  /** Notes that buckets are to be made, or made again. */
  async setDue(buckets: readonly { readonly width: number; readonly start: number }[]): Promise<void> {
    await this.db
      .insertInto('statistics_due')
      .values(buckets.map(({ width, start }) => ({ width, start, version: 1 })))
      .onConflict((conflict) =>
        conflict.columns(['width', 'start']).doUpdateSet({ version: sql<number>`statistics_due.version + 1` }),
      )
      .execute()
  }

  /** Buckets that are to be made, the finest and earliest first. */
  async due(): Promise<DueBucket[]> {
    const rows = await this.db.selectFrom('statistics_due').selectAll().orderBy('width').orderBy('start').execute()
    return rows.map(({ width, start, version }) => ({ width, start, version }))
  }

  /** Notes that a bucket is made; unless something has come into it meanwhile. */
  async setDone({ width, start, version }: DueBucket): Promise<void> {
    await this.db
      .deleteFrom('statistics_due')
      .where('width', '=', width)
      .where('start', '=', start)
      .where('version', '=', version)
      .execute()
  }

  /** Deletes the earliest bucket of a width, if it starts before a time. Returns whether there was one. */
  async expire(width: number, before: number): Promise<boolean> {
    const row = await this.db
      .selectFrom('statistics_buckets')
      .select('start')
      .where('width', '=', width)
      .where('start', '<', before)
      .orderBy('start')
      .limit(1)
      .executeTakeFirst()
    if (row === undefined) return false
    await this.db.deleteFrom('statistics_buckets').where('width', '=', width).where('start', '=', row.start).execute()
    return true
  }

  private async setSeen(group: number, places: readonly number[], day: number): Promise<void> {
    await inBatches(places, (some) =>
      this.db
        .updateTable('statistics_series')
        .set({ seen: day })
        .where('group_number', '=', group)
        .where('place', 'in', some)
        .where('seen', '<', day)
        .execute(),
    )
  }

  private async addGroup(stageId: string, kind: string): Promise<number> {
    const row = await this.db
      .selectFrom('statistics_groups')
      .select(({ fn }) => fn.max('number').as('last'))
      .executeTakeFirst()
    const number = Number(row?.last ?? 0) + 1
    await this.db.insertInto('statistics_groups').values({ number, stage_id: stageId, kind }).execute()
    return number
  }

  private async addSeries(group: number, ids: readonly string[], day: number): Promise<[string, number][]> {
    if (ids.length === 0) return []
    const first = await this.sizeOf(group)
    const added = ids.map((id, i): [string, number] => [id, first + i])
    await inBatches(added, (some) =>
      this.db
        .insertInto('statistics_series')
        .values(some.map(([id, place]) => ({ group_number: group, place, id, seen: day })))
        .execute(),
    )
    return added
  }
}
