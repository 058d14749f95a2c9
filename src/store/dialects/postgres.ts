import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseError, type Pool } from 'pg'
import {
  type ColumnDefinitionNode,
  DataTypeNode,
  Kysely,
  PostgresDialect,
  PostgresQueryCompiler,
  sql,
  type Transaction,
} from '#bundles/kysely'
import { withoutPassword } from '../../lib/url.ts'
import { Invalid, Unavailable } from '../../model/errors.ts'
import type { Tables } from '../schema.ts'
import { type Database, type StoreLog, StoreUnavailable } from './database.ts'
import { ConnectionLost, connectionPool, messageOf, strict } from './postgres-pool.ts'

/** How often a transaction is tried that others disturb, and the longest pause in between. */
const ATTEMPTS = 12
const MAX_PAUSE_MS = 250

/** Any number, but always the same: that of the lock under which migrations run. */
const MIGRATION_LOCK = 7_477_464

/** Opens a PostgreSQL database. Throws `StoreUnavailable`. */
export async function openPostgres(url: string, logger: StoreLog): Promise<Database> {
  const pool = connectionPool(url)
  const reach = new Reach(logger)
  pool.on('error', (error) => reach.lost(error.message))
  try {
    await assertUsable(pool)
  } catch (error) {
    await pool.end()
    throw unusable(url, error)
  }
  const kysely = new Kysely<Tables>({ dialect: new Postgres({ pool: strict(pool) }) })
  const retries = new Queue()
  const attempt = async <T>(work: (transaction: Transaction<Tables>) => Promise<T>): Promise<T> => {
    const result = await kysely.transaction().setIsolationLevel('serializable').execute(work)
    reach.regained()
    return result
  }
  return {
    name: `database ${withoutPassword(url)}`,
    kysely,
    async inTransaction(work) {
      for (let tries = 1; ; tries++) {
        try {
          // Once disturbed, those of this process go one at a time, so that they do not disturb one another for ever.
          return await (tries === 1 ? attempt(work) : retries.run(() => attempt(work)))
        } catch (error) {
          if (tries >= triesFor(error)) throw toKnown(error, reach)
        }
        await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 2 ** tries))
      }
    },
    async alone(work) {
      try {
        await kysely.transaction().execute(async (holder) => {
          await waitForLock(holder)
          await work()
        })
      } catch (error) {
        throw error instanceof ConnectionLost || error instanceof DatabaseError ? unusable(url, error) : error
      }
    },
    backUp: (lastMigration) =>
      logger.info(`The database is migrated from ${lastMigration} on, each step as one transaction. It is not copied.`),
  }
}

function unusable(url: string, error: unknown): StoreUnavailable {
  return new StoreUnavailable(
    `The database ${withoutPassword(url)} cannot be used (${messageOf(error)}): see that it runs and lets this user in and make tables, or choose another with --database.`,
  )
}

async function assertUsable(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ encoding: string }>(`select current_setting('server_encoding') as encoding`)
  const encoding = rows[0]?.encoding
  if (encoding !== 'UTF8') throw new Error(`its encoding is ${encoding}, but must be UTF8`)
}

/** Waits for a lock of the transaction, not of the session, so that it also holds behind a pooler of connections. */
async function waitForLock(holder: Transaction<Tables>): Promise<void> {
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(holder)
  while (!(await tryLock(holder))) await sleep(MAX_PAUSE_MS)
}

async function tryLock(holder: Transaction<Tables>): Promise<boolean> {
  const { rows } = await sql<{
    locked: boolean
  }>`select pg_try_advisory_xact_lock(${MIGRATION_LOCK}) as locked`.execute(holder)
  return rows[0]?.locked === true
}

class Postgres extends PostgresDialect {
  override createQueryCompiler() {
    return new SqliteTypes()
  }
}

/** Columns as SQLite has them, so that migrations say each once: integers of 64 bits, text in the order of its bytes, and bytes. */
class SqliteTypes extends PostgresQueryCompiler {
  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    super.visitColumnDefinition(node)
    if (DataTypeNode.is(node.dataType) && node.dataType.dataType === 'text') this.append(' collate "C"')
  }

  protected override visitDataType(node: DataTypeNode): void {
    if (node.dataType === 'integer') this.append('bigint')
    else if (node.dataType === 'blob') this.append('bytea')
    else super.visitDataType(node)
  }
}

/**
 * How often a transaction is tried that failed so: more than once where it was because of what others did at the same time.
 * Run again, it sees what they did: rows that were made or deleted by one that committed first are there, or not, from the
 * second try on.
 */
function triesFor(error: unknown): number {
  if (!(error instanceof DatabaseError)) return 1
  if (error.code === '40001' || error.code === '40P01') return ATTEMPTS
  return error.code === '23505' || error.code === '23503' ? 3 : 1
}

/** Conditions of the server, not of the statement: connection, authorisation, no such database, resources, shutdown, system. */
const SERVER_TROUBLE = /^(?:08|28|3D|53|57|58|25006)/

/** The error that use cases know for what a database says; any other as it is. */
function toKnown(error: unknown, reach: Reach): unknown {
  const code = error instanceof DatabaseError ? (error.code ?? '') : null
  if (error instanceof ConnectionLost || (code !== null && SERVER_TROUBLE.test(code))) {
    const reason = messageOf(error)
    reach.lost(reason)
    return new Unavailable(
      `The database cannot be used now (${reason}): try again in a moment, and read first what you were about to change.`,
    )
  }
  if (code === '40001' || code === '40P01')
    return new Unavailable('Too many others change the same things at this moment: nothing was changed; try again.')
  if (code === '22021') return new Invalid('Text cannot hold the character U+0000: leave it out.', [])
  return error
}

/** Tells the log when the database goes and when it is back, once each. */
class Reach {
  private readonly logger: StoreLog
  private isLost = false

  constructor(logger: StoreLog) {
    this.logger = logger
  }

  lost(reason: string): void {
    if (!this.isLost)
      this.logger.warn(
        `The database cannot be used (${reason}): the management API answers 503 until it can; traffic goes on.`,
      )
    this.isLost = true
  }

  regained(): void {
    if (this.isLost) this.logger.info('The database can be used again.')
    this.isLost = false
  }
}

/** Runs work one after the other. */
class Queue {
  private last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work)
    // The next waits for this one whatever becomes of it; the caller is told.
    this.last = done.catch(() => undefined)
    return done
  }
}
