import { after, before, test } from 'node:test'
import { requireCommands } from '../support/commands.ts'
import { followGuide, type Printed, readGuide } from '../support/guide.ts'
import { startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** The guide to HTTPS from its first command to its last, and what it says of their output. */

const skip = requireCommands(['curl', 'openssl'])
const guide = readGuide('guides/https.md')

const printed: Printed = [
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
  await followGuide(turnpike, guide, printed)
})
