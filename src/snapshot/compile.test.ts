import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { compile } from './compile.ts'
import { goldens } from './golden.ts'
import { freeze } from './hash.ts'
import { newDesign } from './testdata/design.ts'

describe('golden pairs (npm run golden rewrites them)', () => {
  for (const { name, outFile, actual } of goldens()) {
    test(name, () => assert.equal(actual(), readFileSync(outFile, 'utf8')))
  }
  test('there are some', () => assert.ok(goldens().length >= 4))
})

test('the order of the design does not change the hash', () => {
  const { design, ...rest } = newDesign({
    service: 'a',
    stage: {},
    paths: { '/a': { GET: {}, POST: {} }, '/b': { GET: {} } },
  })
  const turned = { ...design, resources: design.resources.toReversed(), methods: design.methods.toReversed() }
  assert.equal(freeze(compile({ ...rest, design })).hash, freeze(compile({ ...rest, design: turned })).hash)
})

test('any change changes the hash', () => {
  const hash = (paths: Parameters<typeof newDesign>[0]['paths']) =>
    freeze(compile(newDesign({ service: 'a', stage: {}, paths }))).hash
  assert.notEqual(hash({ '/a': { GET: {} } }), hash({ '/a': { POST: {} } }))
})
