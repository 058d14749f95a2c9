import type { Transaction } from 'kysely'
import { newId } from '../model/id.ts'
import type { Tables } from './schema.ts'

/** One change, for the log of who did what. `before` and `after` are values of the model, null where there is none. */
export interface AuditEntry {
  readonly action: string
  readonly kind: string
  readonly id: string
  readonly before: unknown
  readonly after: unknown
}

/** An entry of the log. */
export interface AuditRecord {
  readonly id: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly kind: string
  readonly objectId: string
  readonly before: unknown
  readonly after: unknown
}

export class Audit {
  private readonly db: Transaction<Tables>
  private readonly actor: string

  constructor(db: Transaction<Tables>, actor: string) {
    this.db = db
    this.actor = actor
  }

  async record({ action, kind, id, before, after }: AuditEntry): Promise<void> {
    await this.db
      .insertInto('audit')
      .values({
        id: newId(),
        at: new Date().toISOString(),
        actor: this.actor,
        action,
        object_kind: kind,
        object_id: id,
        before: before === null ? null : JSON.stringify(before),
        after: after === null ? null : JSON.stringify(after),
      })
      .execute()
  }

  /** At most `limit` entries, the newest first, before a point in time and about one object if asked. */
  async list({
    limit,
    before,
    objectId,
  }: {
    limit: number
    before?: string
    objectId?: string
  }): Promise<AuditRecord[]> {
    let query = this.db.selectFrom('audit').selectAll().orderBy('at', 'desc').orderBy('id').limit(limit)
    if (before !== undefined) query = query.where('at', '<', before)
    if (objectId !== undefined) query = query.where('object_id', '=', objectId)
    return (await query.execute()).map((row) => ({
      id: row.id,
      at: row.at,
      actor: row.actor,
      action: row.action,
      kind: row.object_kind,
      objectId: row.object_id,
      before: row.before === null ? null : JSON.parse(row.before),
      after: row.after === null ? null : JSON.parse(row.after),
    }))
  }
}
