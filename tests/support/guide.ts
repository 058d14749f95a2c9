import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { searchPath } from './commands.ts'
import type { Turnpike } from './turnpike.ts'

/** Documents as tests read them, and the commands that they quote. */

export const ROOT = join(import.meta.dirname, '../..')
const COMMAND_TIMEOUT_MS = 60_000
const run = promisify(execFile)

/** The contents of the code blocks of a text that are in a language, in their order. */
export function blocksOf(text: string, language: string): string[] {
  const fence = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\``, 'gm')
  return [...text.matchAll(fence)].map(([, , block = '']) => block)
}

/** The commands of a text, one a line as a shell reads them. */
export function commandsOf(text: string): string[] {
  return blocksOf(text, 'sh').flatMap((block) =>
    block
      .replaceAll('\\\n', '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#')),
  )
}

/** A document of the folder `docs`. */
export function readGuide(path: string): string {
  return readFileSync(join(ROOT, 'docs', path), 'utf8')
}

/** Runs a command as it stands in a document: only ports and the data folder are those of the test. Gives back what it prints. */
export async function runQuoted(turnpike: Turnpike, line: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const command = line
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${turnpike.gatewayPort}`)
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${turnpike.managementPort}`)
    .replaceAll(':8443', `:${turnpike.tlsPort}`)
    .replaceAll('npx turnpike', `"${process.execPath}" bin/turnpike.mjs`)
  const { stdout } = await run('sh', ['-c', command], {
    cwd: ROOT,
    env: { ...process.env, PATH: searchPath, TURNPIKE_DATA: turnpike.data, TOKEN: turnpike.token, ...env },
    timeout: COMMAND_TIMEOUT_MS,
  })
  return stdout
}

/** What the first command that begins so prints. */
export type Printed = readonly (readonly [beginning: string, output: RegExp])[]

/** Runs the commands of a guide from the first to the last, and looks at what they print. */
export async function followGuide(turnpike: Turnpike, guide: string, printed: Printed): Promise<void> {
  const seen = new Set<string>()
  for (const line of commandsOf(guide)) {
    const stdout = await runQuoted(turnpike, line)
    for (const [beginning, output] of printed) {
      if (!line.startsWith(beginning) || seen.has(beginning)) continue
      assert.match(stdout, output, line)
      seen.add(beginning)
    }
  }
  assert.deepEqual(
    printed.map(([beginning]) => beginning).filter((beginning) => !seen.has(beginning)),
    [],
    'commands that the guide does not have',
  )
}
