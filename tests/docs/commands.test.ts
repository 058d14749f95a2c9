import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import packageFile from '../../package.json' with { type: 'json' }
import { requireCommands, searchPath } from '../support/commands.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Every command that the documents quote, run as it stands there: only ports and the data folder are ours. */

const ROOT = join(import.meta.dirname, '../..')
const skip = requireCommands(['curl', 'openssl'])
const run = promisify(execFile)

const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT }).sort()]
const commands = documents.flatMap((document) =>
  [...readFileSync(join(ROOT, document), 'utf8').matchAll(/^( *)```sh\n([\s\S]*?)^\1```/gm)].flatMap((block) =>
    (block[2] ?? '')
      .replaceAll('\\\n', '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => ({ document, line })),
  ),
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
const NPM = /^npm (?:install|ci|(?:run )?(start|test|check|fix|golden|bench)\b.*)$/

function localised(line: string): string {
  return line
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${turnpike.gatewayPort}`)
    .replaceAll(':8443', `:${turnpike.tlsPort}`)
    .replaceAll('127.0.0.1:9000', `127.0.0.1:${turnpike.managementPort}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${(backend.address() as AddressInfo).port}`)
    .replaceAll('npx turnpike', `"${process.execPath}" bin/turnpike.mjs`)
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
      const env = {
        ...process.env,
        PATH: searchPath,
        TURNPIKE_DATA: turnpike.data,
        TURNPIKE_TOKEN: turnpike.token,
        TOKEN: turnpike.token,
      }
      await run('sh', ['-c', localised(line)], { cwd: ROOT, env, timeout: 20_000 })
    })
  }
})
