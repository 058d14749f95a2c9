import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { logFieldNames } from '../../src/plugins/access-log-lines.ts'
import { requireCommands, searchPath } from '../support/commands.ts'
import { call } from '../support/design.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The guide to logs from its first command to its last, and what it says of their output. */

const ROOT = join(import.meta.dirname, '../..')
const skip = requireCommands(['curl'])
const run = promisify(execFile)
const guide = readFileSync(join(ROOT, 'docs/guides/logs.md'), 'utf8')
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block = '']) => block)
const lines = blocks('sh').flatMap((block) => block.split('\n').filter((line) => line !== ''))

/** What commands print, by their beginning. */
const printed: readonly (readonly [command: string, output: RegExp])[] = [
  [
    'npx turnpike logs demo',
    /200 +[\d.]+ ms {2}GET \/pets {2}demo\/live.*\n(?:.*\n)*.*404 +[\d.]+ ms {2}GET \/nothing .* not-found\n/,
  ],
  ['npx turnpike logs --status', /404 .*GET \/pets\/9999 /],
  ['npx turnpike logs demo --path', /GET \/pets\/1 /],
  ['npx turnpike logs --error', /"error": "not-found"/],
  ['curl -H "Authorization: Bearer $TOKEN" \'http://127.0.0.1:9000/api/v1/services', /"path":"\/nothing"/],
  ['curl -H "Authorization: Bearer $TOKEN" \'http://127.0.0.1:9000/api/v1/requests', /"path":"\/pets\/1"/],
  ['curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:9000/api/v1/status', /"accessLogs":\[/],
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
      .replace(/^npx turnpike/, `"${process.execPath}" bin/turnpike.mjs`)
    const env = { ...process.env, PATH: searchPath, TURNPIKE_DATA: turnpike.data, TOKEN: turnpike.token }
    const { stdout } = await run('sh', ['-c', command], { cwd: ROOT, env, timeout: 20_000 })
    for (const [beginning, output] of printed) {
      if (!line.startsWith(beginning) || seen.has(beginning)) continue
      assert.match(stdout, output, line)
      seen.add(beginning)
    }
  }
  assert.equal(seen.size, printed.length)
  // The line of the guide has the fields of the line that is written.
  const file = join(turnpike.data, 'logs/demo/live/access.log')
  while (!existsSync(file) || readFileSync(file, 'latin1') === '')
    await new Promise((resolve) => setTimeout(resolve, 20))
  const [written = ''] = readFileSync(file, 'latin1').split('\n')
  const [quoted = ''] = blocks('json')
  assert.deepEqual(Object.keys(JSON.parse(quoted)), Object.keys(JSON.parse(written)))
})

test('its settings can be saved', async () => {
  const settings = blocks('json')
    .slice(1)
    .map((block) => JSON.parse(block) as object)
  const sinks = [...guide.matchAll(/^\| `(\{"(?:stdout|file|http|syslog)".*?\})` \|/gm)].map((match) =>
    JSON.parse(match[1] ?? ''),
  )
  assert.equal(sinks.length, 4)
  for (const plugin of [...settings, { plugin: 'access-log', config: { sinks } }])
    await call(turnpike, 'PATCH', '/services/demo/stages/live', { plugins: [plugin] })
})

test('the reference has all fields', () => {
  const page = readFileSync(join(ROOT, 'docs/plugins/access-log.md'), 'utf8')
  for (const field of logFieldNames) assert.ok(page.includes(`| \`${field}\` | `), field)
})
