import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { JsonPlaces, TooDeep } from './json-places.ts'

const text = `{
  "a": 1,
  "b": {
    "x\\"y": [true, {"z": "}"}],
    "/p": "{\\\\"
  },
  "c": []
}`

const lines: [path: (string | number)[], line: number | null][] = [
  [[], null],
  [['a'], 2],
  [['a', 'deeper'], 2],
  [['b', 'x"y', 1, 'z'], 4],
  [['b', '/p'], 5],
  [['c', 0], 7],
  [['d'], null],
]
describe('lines', () => {
  for (const [path, line] of lines)
    test(`of ${JSON.stringify(path)}`, () => {
      const places = new JsonPlaces(text)
      const offset = places.offsetOf(path)
      assert.equal(offset === null ? null : places.lineOf(offset), line)
    })
})

test('keys that are there twice are found, and only those', () => {
  const twice = '{"a":1,"b":{"a":[{"a":"a"},{"a":2}],"\\u0061":3},"a":"x"}'
  const places = new JsonPlaces(twice)
  assert.deepEqual(
    places.duplicateKeys().map(({ key, offset }) => `${key} ${places.columnOf(offset)}`),
    [`a ${twice.indexOf('"\\u0061"') + 1}`, `a ${twice.lastIndexOf('"a"') + 1}`],
  )
})

test('what is nested without end is refused', () => {
  assert.throws(() => new JsonPlaces('['.repeat(100_000)).duplicateKeys(), TooDeep)
})

test('every part of any JSON is found where it stands', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 2), (value, indent) => {
      const written = JSON.stringify(value, null, indent)
      const places = new JsonPlaces(written)
      assert.deepEqual(places.duplicateKeys(), [])
      walk(value, [], (path, part) => {
        const offset = places.offsetOf(path)
        const rest = written.slice(offset ?? 0)
        const last = path.at(-1)
        const wanted = typeof last === 'string' ? JSON.stringify(last) : JSON.stringify(part, null, indent).slice(0, 1)
        assert.ok(rest.startsWith(wanted), `${JSON.stringify(path)} in ${written}`)
      })
    }),
  )
})

function walk(
  value: unknown,
  path: (string | number)[],
  visit: (path: (string | number)[], part: unknown) => void,
): void {
  if (path.length > 0) visit(path, value)
  if (Array.isArray(value)) for (const [i, item] of value.entries()) walk(item, [...path, i], visit)
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) walk(member, [...path, key], visit)
}
