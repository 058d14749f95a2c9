import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { tidy } from './tidy.ts'

describe('what is written', () => {
  const text = { type: 'string' }
  const entity = {
    type: 'object',
    additionalProperties: false,
    properties: {
      b: { ...text, default: '' },
      a: text,
      list: { type: 'array', default: [], items: { type: 'object', properties: { x: { default: 1 }, y: {} } } },
      map: { type: 'object', default: {}, additionalProperties: text },
      free: { type: 'object' },
      plugin: {
        discriminator: { propertyName: 'plugin' },
        oneOf: [
          {
            properties: {
              plugin: { const: 'p' },
              config: { type: 'object', properties: { z: { default: 1 }, a: {} } },
            },
          },
        ],
      },
      kind: {
        discriminator: { propertyName: 'kind' },
        oneOf: [{ properties: { kind: { const: 'k' }, z: { default: 1 } } }, { properties: { kind: { const: 'l' } } }],
      },
    },
  }
  const cases: [what: string, value: object, written: string][] = [
    ['nothing of nothing', {}, '{}'],
    ['fields in the order of the schema', { a: '1', b: '2' }, '{"b":"2","a":"1"}'],
    ['no default', { a: '', b: '', list: [], map: {} }, '{"a":""}'],
    ['nothing that the schema does not have', { a: '1', id: '2' }, '{"a":"1"}'],
    ['no default in a list', { list: [{ y: 2, x: 1 }, { x: 2 }] }, '{"list":[{"y":2},{"x":2}]}'],
    ['what is by name in order', { map: { z: '1', a: '2' } }, '{"map":{"a":"2","z":"1"}}'],
    ['what nobody knows as it is', { free: { z: 1, a: { id: 1 } } }, '{"free":{"z":1,"a":{"id":1}}}'],
    [
      'plugins in full',
      { plugin: { when: 'x', config: { a: 2, z: 1 }, plugin: 'p' } },
      '{"plugin":{"plugin":"p","config":{"z":1,"a":2},"when":"x"}}',
    ],
    ['of several kinds the one that it is', { kind: { z: 1, kind: 'k' } }, '{"kind":{"kind":"k"}}'],
    ['what is null', { a: null }, '{"a":null}'],
  ]
  for (const [what, value, written] of cases)
    test(what, () => assert.equal(JSON.stringify(tidy(value, entity)), written))
})
