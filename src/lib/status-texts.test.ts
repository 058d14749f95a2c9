import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import { test } from 'node:test'
import { statusTexts } from './status-texts.ts'

test('it is the table of Node.js', () => {
  assert.deepEqual(statusTexts, { ...STATUS_CODES })
})
