import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkAttachments } from '../../src/design/check-plugins.ts'
import { celFunctions } from '../../src/lib/cel/language.ts'
import { checkCondition, conditionVariables } from '../../src/plugins/condition.ts'
import { refusingPhases } from '../../src/plugins/plugin.ts'
import { plugins } from '../../src/plugins/registry.ts'
import { blocksOf, readGuide } from '../support/guide.ts'

/** The guide on conditions says what the code says: its examples work, and its reference is the code's own list. */

const guide = readGuide('guides/conditions.md')

/** The rows of the table under a heading, each as its cells; without the head. */
function table(heading: string): string[][] {
  const section = guide.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
}

describe('every condition of the guide can be saved', () => {
  const conditions = blocksOf(guide, 'cel').flatMap((block) =>
    block.split('\n').filter((line) => line !== '' && !line.startsWith('//')),
  )
  test('there are some', () => assert.ok(conditions.length >= 10))
  for (const condition of conditions)
    test(condition, () => assert.deepEqual(checkCondition(condition, '', ['petId']), []))
})

describe('every attachment of the guide can be saved', () => {
  const attachments = blocksOf(guide, 'json').map((block) => JSON.parse(block) as unknown)
  test('there are some', () => assert.ok(attachments.length >= 3))
  for (const attachment of attachments) {
    test(JSON.stringify(attachment), () => {
      const site = { place: 'path', pathVariables: ['petId'], pointer: '', vault: null } as const
      assert.deepEqual(checkAttachments([attachment], site).problems, [])
    })
  }
})

test('the table of variables is the list of the code', () => {
  assert.deepEqual(
    table('Variables'),
    Object.entries(conditionVariables).map(([name, { type, description }]) => [`\`${name}\``, type, description]),
  )
})

test('the table of functions is the list of the code', () => {
  assert.deepEqual(
    table('Functions'),
    Object.entries(celFunctions).map(([name, description]) => [`\`${name}\``, description]),
  )
})

test('the plugins that can run in shadow are named', () => {
  for (const { name, phase, ...rest } of plugins) {
    const can = refusingPhases.includes(phase) && !('answersOptions' in rest && rest.answersOptions === true)
    if (can) assert.match(guide, new RegExp(`\`${name}\``), name)
  }
})
