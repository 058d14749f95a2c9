import type { Transaction } from '#bundles/kysely'
import type { Tables } from './schema.ts'

/** What is known of the installation as a whole. */
export class Installation {
  private readonly db: Transaction<Tables>

  constructor(db: Transaction<Tables>) {
    this.db = db
  }

  async find(name: string): Promise<string | null> {
    const row = await this.db.selectFrom('installation').select('value').where('name', '=', name).executeTakeFirst()
    return row?.value ?? null
  }

  async insert(name: string, value: string): Promise<void> {
    await this.db.insertInto('installation').values({ name, value }).execute()
  }

  /** Puts a value in, or in the place of the one before. */
  async set(name: string, value: string): Promise<void> {
    await this.db
      .insertInto('installation')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  }
}
