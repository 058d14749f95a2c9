import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Notices } from './notices.ts'

test('each subject is heard of once a minute, with the count of what was held back', () => {
  let now = 0
  const lines: string[] = []
  const notices = new Notices(
    (line) => lines.push(line),
    () => now,
  )
  notices.say('a', 'first')
  for (let i = 0; i < 5; i++) notices.say('a', 'more')
  notices.say('b', 'another')
  now = 60_000
  notices.say('a', 'later')
  now = 120_000
  notices.say('a', 'much later')
  assert.deepEqual(lines, ['first', 'another', 'later (and 5 more since the last line)', 'much later'])
})

test('what is remembered is bounded', () => {
  const lines: string[] = []
  const notices = new Notices(
    (line) => lines.push(line),
    () => 0,
  )
  for (let i = 0; i <= 10_000; i++) notices.say(String(i), 'x')
  notices.say('10000', 'x')
  notices.say('0', 'again')
  assert.equal(lines.length, 10_002)
  assert.equal(lines.at(-1), 'again')
})
