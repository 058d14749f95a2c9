import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import packageFile from '../../package.json' with { type: 'json' }
import { requireCommands } from '../support/commands.ts'
import { commandsOf, ROOT, runQuoted } from '../support/guide.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Every command that the documents quote, run as it stands there: only ports and the data folder are ours. */

const skip = requireCommands(['curl', 'openssl'])

const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT }).sort()]
const commands = documents.flatMap((document) =>
  commandsOf(readFileSync(join(ROOT, document), 'utf8')).map((line) => ({ document, line })),
)

let turnpike: Turnpike
let backend: Server
before(async () => {
  backend = createServer((_, answer) => answer.end('[]'))
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  turnpike = await startTurnpike({ args: ['--demo', '--workers', '1'] })
})
after(async () => {
  await turnpike.stop()
  backend.close()
})

/** Installing, starting and testing are what this test itself stands on: only their scripts are looked up. */
const NPM = /^npm (?:install|ci|(?:run )?(start|test|check|fix|golden|screenshots|bench)\b.*)$/

/** With the backend of the test, and a failure where a server answers with one. */
function localised(line: string): string {
  return line
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${(backend.address() as AddressInfo).port}`)
    .replace(/^curl /, 'curl --silent --show-error --fail ')
}

describe('commands in documents', { skip }, () => {
  test('there are some', () => assert.ok(commands.length > 5, `${commands.length} commands`))

  for (const { document, line } of commands) {
    test(`${document}: ${line}`, async () => {
      const parts = line.split(' && ')
      if (parts.every((part) => NPM.test(part))) {
        for (const script of parts.flatMap((part) => NPM.exec(part)?.[1] ?? []))
          assert.ok(script in packageFile.scripts, script)
        return
      }
      await runQuoted(turnpike, localised(line), { TURNPIKE_TOKEN: turnpike.token })
    })
  }
})
