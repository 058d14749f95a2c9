import { accessSync, constants, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { Vault } from '../lib/vault.ts'
import type { FrozenSnapshot } from '../snapshot/hash.ts'
import { openDatabase, sqliteDialect } from './dialects/sqlite.ts'
import { lockFolder } from './lock.ts'
import { migrate, NewerDatabase } from './migrations/migrate.ts'
import type { Tables } from './schema.ts'
import { createUnit, type Unit } from './unit.ts'

/** The store cannot be used; the message names folder, reason and remedy. */
export class StoreUnavailable extends Error {}

/** Where everything is kept. */
export interface Store {
  /** Runs `work` in one transaction: all of it holds, or nothing. */
  inTransaction<T>(actor: string, work: (unit: Unit) => Promise<T>): Promise<T>
  /** The snapshots of all live deployments: what the data plane begins with. */
  liveDeployments(): Promise<FrozenSnapshot[]>
  close(): Promise<void>
}

/** What the program's log is told. */
export interface StoreLog {
  info(message: string): void
}

/** Opens the embedded store in `folder`, made if missing, with its tables brought up to this version. Throws `StoreUnavailable`. */
export async function openStore({
  folder,
  vault,
  logger,
}: {
  folder: string
  vault: Vault
  logger: StoreLog
}): Promise<Store> {
  makeFolder(folder)
  const release = attempt(folder, () => lockFolder(folder))
  if (release === null) {
    throw new StoreUnavailable(
      `Another Turnpike works on the data folder ${folder}: stop it, or choose another folder with --data.`,
    )
  }
  const database = openFile(join(folder, 'turnpike.db'))
  const kysely = new Kysely<Tables>({ dialect: sqliteDialect(database) })
  const store: Store = {
    inTransaction: (actor, work) =>
      kysely.transaction().execute((transaction) => work(createUnit(transaction, actor, vault))),
    liveDeployments: () => store.inTransaction('system', (unit) => unit.deployments.live()),
    async close() {
      await kysely.destroy()
      release()
    },
  }
  try {
    await migrate(kysely, (last) => backUp(database, folder, last, logger))
    await store.inTransaction('system', (unit) => assertKey(unit, folder))
    await store.inTransaction('system', (unit) =>
      unit.deployments.failUnfinished('The program ended before the deployment was complete.'),
    )
  } catch (error) {
    await store.close()
    if (!(error instanceof NewerDatabase)) throw error
    throw new StoreUnavailable(
      `The data folder ${folder} was written by a newer version of Turnpike (${error.message}): use that version.`,
    )
  }
  return store
}

/** What every installation seals once, to know its key again. */
const KEY_CHECK = 'turnpike'

/** Throws `StoreUnavailable` if the secrets in the store were encrypted with another key: no stage that has one could be served. */
async function assertKey(unit: Unit, folder: string): Promise<void> {
  const check = await unit.installation.find('key-check')
  if (check === null) return unit.installation.insert('key-check', unit.vault.seal(KEY_CHECK))
  if (check !== unit.vault.seal(KEY_CHECK))
    throw new StoreUnavailable(
      `The secrets in ${folder} were encrypted with another key: put back the file "secret.key", or say with --secret-key-file or TURNPIKE_SECRET_KEY where the key is.`,
    )
}

/** Makes the data folder if it is missing. Throws `StoreUnavailable`. */
export function makeFolder(folder: string): void {
  attempt(folder, () => {
    // Step by step: with `recursive`, Node.js loops for ever where the system has no place for folders, as in /proc.
    const missing: string[] = []
    for (let path = folder; !existsSync(path); path = dirname(path)) missing.push(path)
    for (const path of missing.reverse()) mkdirSync(path, { mode: 0o700 })
    if (!statSync(folder).isDirectory()) throw new Error('it is a file')
    accessSync(folder, constants.W_OK | constants.X_OK)
  })
}

function openFile(file: string): DatabaseSync {
  try {
    return openDatabase(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StoreUnavailable(
      `${file} is not a database of Turnpike that can be used (${reason}): move it away, or choose another folder with --data.`,
    )
  }
}

/** A copy of the database as it was before a migration, beside it. */
function backUp(database: DatabaseSync, folder: string, last: string, logger: StoreLog): void {
  const file = join(folder, `turnpike-before-migration-${last}.db`)
  rmSync(file, { force: true })
  database.prepare('VACUUM INTO ?').run(file)
  logger.info(`The database was copied to ${file} before its migration.`)
}

function attempt<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StoreUnavailable(
      `The data folder ${folder} cannot be used (${reason}): make it writable, or choose another folder with --data.`,
    )
  }
}
