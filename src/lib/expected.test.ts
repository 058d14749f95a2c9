import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EXPECTED, patternMessage } from './expected.ts'

describe('what a pattern wants, in words', () => {
  for (const [schema, wanted] of [
    [{ [EXPECTED]: 'a path', examples: ['/a'] }, 'must be a path, such as /a'],
    [{ [EXPECTED]: 'a path' }, 'must be a path'],
    [{ [EXPECTED]: 'a number', examples: [1] }, 'must be a number'],
    [{ pattern: '^a$' }, undefined],
    [true, undefined],
    [null, undefined],
  ] as const)
    test(`${JSON.stringify(schema)}: ${wanted}`, () => assert.equal(patternMessage(schema), wanted))
})
