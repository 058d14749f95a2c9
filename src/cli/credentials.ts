import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { Failure } from './failure.ts'

/** Tokens that `turnpike login` keeps for the user, by the URL of the server, in a file that nobody else can read. */

type Credentials = Readonly<Record<string, string>>

function credentialsFile(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'turnpike', 'credentials.json')
}

/** The token for a server, or undefined. */
export function readCredential(url: string): string | undefined {
  return readAll()[keyOf(url)]
}

/** Keeps the token for a server; null forgets it. The file is replaced as a whole, so that it is never half-written. */
export function writeCredential(url: string, token: string | null): void {
  const file = credentialsFile()
  const { [keyOf(url)]: _, ...others } = readAll()
  const all: Credentials = token === null ? others : { ...others, [keyOf(url)]: token }
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const next = `${file}.${process.pid}`
    writeFileSync(next, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(next, file)
  } catch (error) {
    throw new Failure(`The token cannot be kept in ${file} (${error instanceof Error ? error.message : error}).`)
  }
}

function readAll(): Credentials {
  const file = credentialsFile()
  try {
    const text = readFileSync(file, 'utf8')
    // Whoever has widened it: from now on it is its owner's alone again.
    chmodSync(file, 0o600)
    return JSON.parse(text) as Credentials
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw new Failure(`${file} cannot be read (${error instanceof Error ? error.message : error}): mend or delete it.`)
  }
}

/** The same server under spellings of its URL that mean the same. */
function keyOf(url: string): string {
  return URL.parse(url)?.origin ?? url
}
