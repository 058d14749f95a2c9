import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { requireCommands, searchPath } from '../support/commands.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The guide to keys and plans from its first command to its last, and what it says of their output. */

const ROOT = join(import.meta.dirname, '../..')
const skip = requireCommands(['curl'])
const run = promisify(execFile)
const guide = readFileSync(join(ROOT, 'docs/guides/keys-and-plans.md'), 'utf8')
const lines = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
  block.split('\n').filter((line) => line !== ''),
)

/** What commands print, by their beginning. */
const printed: readonly (readonly [command: string, output: RegExp])[] = [
  ['npx turnpike plans create gold', /Plan "gold" is made: 50\/s, burst 100, 5 per day\./],
  ['npx turnpike keys create acme', /Primary +[A-Za-z0-9]{32}\n +Secondary +[A-Za-z0-9]{32}\n/],
  ['echo acme-value', /The primary value of key "acme" is replaced\.\n\n {2}acme-value-0123456789\n/],
  ['for call', /^200 200 200 200 200 429 $/],
  [
    'npx turnpike keys usage acme',
    /demo\/live +gold +50\/s, burst 100 +5 of 5 per day +\d{4}-\d\d-\d\dT00:00:00\.000Z +quota-exceeded/,
  ],
  ['npx turnpike explain demo', /quota of 5: used up; one can come at \d{4}-\d\d-\d\dT00:00:00/],
  ['npx turnpike plans update gold', /10000 per month/],
  ["curl -H 'Host: demo.localhost'", /name/],
  ['npx turnpike keys import examples/keys.csv --dry-run', /2 keys would be made\. Nothing was written\./],
  ['npx turnpike keys list', /Blue Bakery +active +2099-01-31T00:00:00\.000Z +never/],
  ['npx turnpike keys export', /Blue Bakery,,true,2099-01-31T00:00:00\.000Z,demo\/live=gold,/],
  ['npx turnpike keys show acme', /demo\/live +silver +5\/s, burst 5 +no quota/],
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
      .replace(/^(echo \S+ \| )?npx turnpike/, `$1"${process.execPath}" bin/turnpike.mjs`)
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
