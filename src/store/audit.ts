import type { Selectable, Transaction } from '#bundles/kysely'
import type { ActionOn, actionsOfInstallation, actionsOfServices } from '../model/audited.ts'
import { orderedId } from '../model/id.ts'
import { inBatches } from './batches.ts'
import type { Tables } from './schema.ts'

/** One change, for the log of who did what. `before` and `after` are values of the model, null where there is none. */
export type AuditEntry = Change & (OfService | OfInstallation)

type OfService = ActionOn<typeof actionsOfServices> & { readonly serviceId: string }

type OfInstallation = ActionOn<typeof actionsOfInstallation> & { readonly serviceId?: string }

interface Change {
  readonly id: string
  readonly before: unknown
  readonly after: unknown
}

/** Which entries of the log are wanted. */
export interface AuditQuery {
  readonly limit: number
  /** Id of an entry. */
  readonly before?: string | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly kind?: string | undefined
  readonly objectId?: string | undefined
  /** Only about this service, and what belongs to it: its id. */
  readonly serviceId?: string | undefined
  /** The first moment, and the one behind the last: ISO 8601, UTC. */
  readonly from?: string | undefined
  readonly to?: string | undefined
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
  /** The service that it is about; null for none. */
  readonly serviceId: string | null
  readonly before: unknown
  readonly after: unknown
}

/** The log of who did what. */
export class Audit {
  private readonly db: Transaction<Tables>
  private readonly actor: string
  private recorded = 0

  constructor(db: Transaction<Tables>, actor: string) {
    this.db = db
    this.actor = actor
  }

  async record(entry: AuditEntry): Promise<void> {
    await this.recordAll([entry])
  }

  /** The same for many. */
  async recordAll(entries: readonly AuditEntry[]): Promise<void> {
    const at = new Date().toISOString()
    const rows = entries.map(({ action, kind, id, serviceId = null, before, after }) => ({
      id: this.nextId(),
      at,
      actor: this.actor,
      action,
      object_kind: kind,
      object_id: id,
      service_id: serviceId,
      before: before === null ? null : JSON.stringify(before),
      after: after === null ? null : JSON.stringify(after),
    }))
    await inBatches(rows, (some) => this.db.insertInto('audit').values(some).execute())
  }

  /** An id, in the order of the entries of this transaction, of which many have the same time. */
  private nextId(): string {
    return orderedId(this.recorded++)
  }

  /** At most `limit` entries, the newest first; only those before the entry `before`, and about what is asked for. Null if there is no such entry. */
  async list({ limit, before, ...wanted }: AuditQuery): Promise<AuditRecord[] | null> {
    let query = this.db.selectFrom('audit').selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(limit)
    if (before !== undefined) {
      const cursor = await this.db.selectFrom('audit').select(['at', 'id']).where('id', '=', before).executeTakeFirst()
      if (cursor === undefined) return null
      query = query.where((where) =>
        where.or([where('at', '<', cursor.at), where.and([where('at', '=', cursor.at), where('id', '<', cursor.id)])]),
      )
    }
    for (const [column, value] of [
      ['actor', wanted.actor],
      ['action', wanted.action],
      ['object_kind', wanted.kind],
      ['object_id', wanted.objectId],
      ['service_id', wanted.serviceId],
    ] as const)
      if (value !== undefined) query = query.where(column, '=', value)
    if (wanted.from !== undefined) query = query.where('at', '>=', wanted.from)
    if (wanted.to !== undefined) query = query.where('at', '<', wanted.to)
    return (await query.execute()).map(toRecord)
  }

  async find(id: string): Promise<AuditRecord | null> {
    const row = await this.db.selectFrom('audit').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toRecord(row)
  }
}

function toRecord(row: Selectable<Tables['audit']>): AuditRecord {
  return {
    id: row.id,
    at: row.at,
    actor: row.actor,
    action: row.action,
    kind: row.object_kind,
    objectId: row.object_id,
    serviceId: row.service_id,
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after),
  }
}
