import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Keeps a second process off a data folder: an exclusive lock on a small database of its own, which the system itself
 * releases when the process ends, however it ends. Returns the release, or null where another process holds the lock.
 */
export function lockFolder(folder: string): (() => void) | null {
  const database = new DatabaseSync(join(folder, 'turnpike.lock'))
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (error instanceof Error && /locked/.test(error.message)) return null
    throw error
  }
  return () => database.close()
}
