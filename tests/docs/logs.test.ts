import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { logFieldNames } from '../../src/plugins/log-lines/fields.ts'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
import { blocksOf, followGuide, type Printed, readGuide } from '../support/guide.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The guide to logs from its first command to its last, and what it says of their output. */

const skip = requireCommands(['curl'])
const guide = readGuide('guides/logs.md')

const printed: Printed = [
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
  await followGuide(turnpike, guide, printed)
  // The line of the guide has the fields of the line that is written.
  const file = join(turnpike.data, 'logs/demo/live/access.log')
  while (!existsSync(file) || readFileSync(file, 'latin1') === '')
    await new Promise((resolve) => setTimeout(resolve, 20))
  const [written = ''] = readFileSync(file, 'latin1').split('\n')
  const [quoted = ''] = blocksOf(guide, 'json')
  assert.deepEqual(Object.keys(JSON.parse(quoted)), Object.keys(JSON.parse(written)))
})

test('its settings can be saved', async () => {
  const settings = blocksOf(guide, 'json')
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
  const page = readGuide('plugins/access-log.md')
  for (const field of logFieldNames) assert.ok(page.includes(`| \`${field}\` | `), field)
})
