import type { Kysely, Transaction } from '#bundles/kysely'
import type { Tables } from '../schema.ts'

/**
 * A database that the store can be in. What differs between SQLite and PostgreSQL is in the two objects of this shape, and
 * nowhere else in the store.
 */
export interface Database {
  /** What people are told that it is; never with a password. */
  readonly name: string
  readonly kysely: Kysely<Tables>
  /**
   * Runs `work` in one transaction that is as if it were alone: what it has read is still so when it commits. Where others
   * have changed that meanwhile, it is undone and run again. Throws `Unavailable` where the database cannot be used now.
   */
  inTransaction<T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T>
  /** Runs `work` while no other process does the same with this database. */
  alone(work: () => Promise<void>): Promise<void>
  /** Keeps what there is before a migration, or says who has to. */
  backUp(lastMigration: string): void
}

/** The store cannot be used; the message names folder or database, reason and remedy. */
export class StoreUnavailable extends Error {}

/** What the program's log is told. */
export interface StoreLog {
  info(message: string): void
  warn(message: string): void
}
