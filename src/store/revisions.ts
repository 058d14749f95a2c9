import type { Transaction } from '#bundles/kysely'
import type { Design, Revision } from '../model/revision.ts'
import { toRevision } from './rows.ts'
import type { Tables } from './schema.ts'

/** Revisions of designs. Equal designs of a service are one revision. */
export class Revisions {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  async find(id: string): Promise<Revision | null> {
    const row = await this.select().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toRevision(row)
  }

  async findByHash(serviceId: string, hash: string): Promise<Revision | null> {
    const row = await this.select().where('service_id', '=', serviceId).where('hash', '=', hash).executeTakeFirst()
    return row === undefined ? null : toRevision(row)
  }

  /** The highest number of a service, 0 if it has no revision. */
  async lastNumber(serviceId: string): Promise<number> {
    const row = await this.db
      .selectFrom('revisions')
      .select((builder) => builder.fn.max('number').as('last'))
      .where('service_id', '=', serviceId)
      .executeTakeFirst()
    return Number(row?.last ?? 0)
  }

  /** The design of a revision; null if there is no such revision. */
  async design(id: string): Promise<Design | null> {
    const row = await this.db.selectFrom('revisions').select('design').where('id', '=', id).executeTakeFirst()
    // What is in the table was checked when it was saved.
    return row === undefined ? null : (JSON.parse(row.design) as Design)
  }

  async insert({ id, serviceId, number, hash, author, createdAt }: Revision, design: string): Promise<void> {
    await this.db
      .insertInto('revisions')
      .values({ id, service_id: serviceId, number, hash, design, author, created_at: createdAt })
      .execute()
  }

  /** Drops revisions that no stage and no deployment names any more. */
  async dropUnused(): Promise<void> {
    await this.db
      .deleteFrom('revisions')
      .where('id', 'not in', (builder) =>
        builder
          .selectFrom('stages')
          .select('revision_id')
          .where('revision_id', 'is not', null)
          .$castTo<{ revision_id: string }>(),
      )
      .where('id', 'not in', (builder) =>
        builder
          .selectFrom('deployments')
          .select('revision_id')
          .where('revision_id', 'is not', null)
          .$castTo<{ revision_id: string }>(),
      )
      .execute()
  }

  private select() {
    return this.db.selectFrom('revisions').select(['id', 'service_id', 'number', 'hash', 'author', 'created_at'])
  }
}
