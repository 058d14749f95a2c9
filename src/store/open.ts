import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { newId } from '../lib/random-id.ts'
import type { Vault } from '../lib/vault.ts'
import { Unavailable } from '../model/errors.ts'
import type { FrozenSnapshot } from '../snapshot/hash.ts'
import { type Database, type StoreLog, StoreUnavailable } from './dialects/database.ts'
import { openSqlite } from './dialects/sqlite.ts'
import { lockFolder } from './lock.ts'
import { migrate, NewerDatabase } from './migrations/migrate.ts'
import { createUnit, type Unit } from './unit.ts'

/** Where everything is kept. */
export interface Store {
  /**
   * Runs `work` in one transaction, as if it were alone: all of it holds, or nothing. Where others were in the way it is undone
   * and run again, so it must have no effects but on its unit; what it gives back is of the run that holds. Throws
   * `Unavailable` where the database cannot be used now.
   */
  inTransaction<T>(actor: string, work: (unit: Unit) => Promise<T>): Promise<T>
  /** The snapshots of all live deployments: what the data plane begins with. */
  liveDeployments(): Promise<FrozenSnapshot[]>
  /** The canaries that run beside them. */
  runningCanaries(): ReturnType<Unit['canaries']['running']>
  /** The identity of this node, which lasts as long as its data folder. */
  readonly nodeId: string
  close(): Promise<void>
}

/** Where the store is to be. */
export interface StoreSettings {
  /** The data folder, made if missing. This process holds its lock, whatever the database. */
  readonly folder: string
  /** URL of a PostgreSQL database; empty for the embedded one in the folder. */
  readonly url: string
  readonly vault: Vault
  readonly logger: StoreLog
}

/** Opens the store, with its tables brought up to this version. Throws `StoreUnavailable`. */
export async function openStore({ folder, url, vault, logger }: StoreSettings): Promise<Store> {
  makeFolder(folder)
  const release = attempt(folder, () => lockFolder(folder))
  if (release === null) {
    throw new StoreUnavailable(
      `Another Turnpike works on the data folder ${folder}: stop it, or choose another folder with --data.`,
    )
  }
  try {
    const database = url === '' ? openSqlite(folder, logger) : await openServer(url, logger)
    return await storeIn(database, vault, nodeIn(folder), release)
  } catch (error) {
    release()
    throw error
  }
}

async function storeIn(database: Database, vault: Vault, nodeId: string, release: () => void): Promise<Store> {
  const store: Store = {
    nodeId,
    inTransaction: (actor, work) =>
      database.inTransaction((transaction) => work(createUnit(transaction, actor, vault))),
    liveDeployments: () => store.inTransaction('system', (unit) => unit.deployments.live()),
    runningCanaries: () => store.inTransaction('system', (unit) => unit.canaries.running()),
    async close() {
      await database.kysely.destroy()
      release()
    },
  }
  const ended = 'The program ended before the deployment was complete.'
  try {
    await database.alone(() => migrate(database.kysely, (last) => database.backUp(last)))
    await store.inTransaction('system', (unit) => assertKey(unit, database.name))
    await store.inTransaction('system', (unit) => unit.deployments.failUnfinished(nodeId, ended))
  } catch (error) {
    await database.kysely.destroy()
    if (error instanceof Unavailable) throw new StoreUnavailable(`The ${database.name}: ${error.message}`)
    if (!(error instanceof NewerDatabase)) throw error
    throw new StoreUnavailable(
      `The ${database.name} was written by a newer version of Turnpike (${error.message}): use that version.`,
    )
  }
  return store
}

function nodeIn(folder: string): string {
  return attempt(folder, () => {
    const file = join(folder, 'node-id')
    if (!existsSync(file)) writeFileSync(file, `${newId()}\n`)
    return readFileSync(file, 'utf8').trim()
  })
}

/** What every installation seals once, to know its key again. */
const KEY_CHECK = 'turnpike'

/** Throws `StoreUnavailable` if the secrets in the store were encrypted with another key: no stage that has one could be served. */
async function assertKey(unit: Unit, where: string): Promise<void> {
  const check = await unit.installation.find('key-check')
  if (check === null) return unit.installation.insert('key-check', unit.vault.seal(KEY_CHECK))
  if (check !== unit.vault.seal(KEY_CHECK))
    throw new StoreUnavailable(
      `The secrets in the ${where} were encrypted with another key: put back the file "secret.key", or say with --secret-key-file or TURNPIKE_SECRET_KEY where the key is.`,
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

async function openServer(url: string, logger: StoreLog): Promise<Database> {
  // Loaded when it is asked for: most runs never are.
  const { openPostgres } = await import('./dialects/postgres.ts')
  return openPostgres(url, logger)
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
