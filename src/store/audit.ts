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

  /** All entries about one object, the oldest first. */
  async about(id: string): Promise<{ actor: string; action: string; before: unknown; after: unknown }[]> {
    const rows = await this.db.selectFrom('audit').selectAll().where('object_id', '=', id).orderBy('at').execute()
    return rows.map(({ actor, action, before, after }) => ({
      actor,
      action,
      before: before === null ? null : JSON.parse(before),
      after: after === null ? null : JSON.parse(after),
    }))
  }
}
