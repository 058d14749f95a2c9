import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { apiTypes } from '../../console/api-types.ts'

test('the types that the console is written against are those of the API: else "npm run golden"', async () => {
  const file = join(import.meta.dirname, '../../console/src/api/schema.ts')
  assert.equal(readFileSync(file, 'utf8'), await apiTypes())
})
