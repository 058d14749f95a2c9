import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { type Dialect, Kysely, SqliteDialect } from '#bundles/kysely'
import type { Tables } from '../schema.ts'
import { type Database, type StoreLog, StoreUnavailable } from './database.ts'

/**
 * Opens the embedded database in a folder that this process holds the lock of. It has one connection, so transactions wait
 * for one another. Throws `StoreUnavailable`.
 */
export function openSqlite(folder: string, logger: StoreLog): Database {
  const database = openDatabase(join(folder, 'turnpike.db'))
  const kysely = new Kysely<Tables>({ dialect: sqliteDialect(database) })
  return {
    name: `data folder ${folder}`,
    kysely,
    inTransaction: (work) => kysely.transaction().execute(work),
    alone: (work) => work(),
    backUp(lastMigration) {
      const file = join(folder, `turnpike-before-migration-${lastMigration}.db`)
      rmSync(file, { force: true })
      database.prepare('VACUUM INTO ?').run(file)
      logger.info(`The database was copied to ${file} before its migration.`)
    },
  }
}

/** Opens the database file for durable use: each commit is on the disk before it is acknowledged. */
function openDatabase(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file)
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 2000',
    )
    return database
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StoreUnavailable(
      `${file} is not a database of Turnpike that can be used (${reason}): move it away, or choose another folder with --data.`,
    )
  }
}

/** Kysely's SQLite dialect over `node:sqlite`, whose statements take their parameters one by one. */
function sqliteDialect(database: DatabaseSync): Dialect {
  return new SqliteDialect({
    database: {
      close: () => database.close(),
      prepare(sql) {
        const statement = database.prepare(sql)
        // Kysely's compiler has made the parameters, and all column types of schema.ts are among these.
        const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
        return {
          reader: statement.columns().length > 0,
          all: (parameters) => statement.all(...values(parameters)),
          run: (parameters) => statement.run(...values(parameters)),
          iterate: (parameters) => statement.iterate(...values(parameters)),
        }
      },
    },
  })
}
