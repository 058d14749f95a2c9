import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { requireCommands, searchPath } from '../support/commands.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The guide to HTTPS from its first command to its last, and what it says of their output. */

const ROOT = join(import.meta.dirname, '../..')
const skip = requireCommands(['curl', 'openssl'])
const run = promisify(execFile)
const guide = readFileSync(join(ROOT, 'docs/guides/https.md'), 'utf8')
const lines = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
  block.split('\n').filter((line) => line !== ''),
)

/** What commands print, by their beginning. */
const printed: readonly (readonly [command: string, output: RegExp])[] = [
  ['npx turnpike certificates authority', /"name":"Rex"/],
  ['d=$(mktemp -d)', /Certificate "shop" is in use for shop\.example\.com, \*\.shop\.example\.com: 0 days left/],
  ['npx turnpike certificates list', /shop +shop\.example\.com \*\.shop\.example\.com +0 days left/],
  ['npx turnpike certificates show', /No live stage has it\./],
  ['npx turnpike certificates delete', /Certificate "shop" is deleted\./],
  ['curl -i', /^HTTP\/1\.1 308 [\s\S]*Location: https:\/\/demo\.localhost:\d+\/pets\r\n/],
]

let turnpike: Turnpike
before(async () => {
  turnpike = await startTurnpike({ args: ['--demo', '--workers', '2'] })
})
after(() => turnpike.stop())

test('the guide does what it says', { skip }, async () => {
  const seen = new Set<string>()
  for (const line of lines) {
    const command = line
      .replaceAll('127.0.0.1:8080', `127.0.0.1:${turnpike.gatewayPort}`)
      .replaceAll('127.0.0.1:9000', `127.0.0.1:${turnpike.managementPort}`)
      .replaceAll(':8443', `:${turnpike.tlsPort}`)
      .replaceAll('npx turnpike', `"${process.execPath}" bin/turnpike.mjs`)
    const env = { ...process.env, PATH: searchPath, TURNPIKE_DATA: turnpike.data, TOKEN: turnpike.token }
    const { stdout } = await run('sh', ['-c', command], { cwd: ROOT, env, timeout: 20_000 })
    for (const [beginning, output] of printed) {
      if (!line.startsWith(beginning) || seen.has(beginning)) continue
      assert.match(stdout, output, line)
      seen.add(beginning)
    }
  }
  assert.equal(seen.size, printed.length)
})
