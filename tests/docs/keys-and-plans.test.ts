import { after, before, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
import { followGuide, type Printed, readGuide } from '../support/guide.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The guide to keys and plans from its first command to its last, and what it says of their output. */

const skip = requireCommands(['curl'])
const guide = readGuide('guides/keys-and-plans.md')

const printed: Printed = [
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
  await followGuide(turnpike, guide, printed)
})
