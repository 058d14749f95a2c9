import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HeaderList } from './header-list.ts'

function list(text: string): HeaderList {
  const headers = new HeaderList()
  for (const line of text.split('\n')) {
    const [name = '', value = ''] = line.split(': ')
    if (name !== '') headers.add(name, value)
  }
  return headers
}
const written = (headers: HeaderList) => [...headers].map(([name, value]) => `${name}: ${value}`).join('\n')

const start = 'A: 1\nb: 2\na: 3\nC: 4'
const cases: [title: string, change: (headers: HeaderList) => void, after: string][] = [
  ['set puts one in the place of all', (headers) => headers.set('a', '9'), 'a: 9\nb: 2\nC: 4'],
  ['set appends what is not there', (headers) => headers.set('D', '5'), `${start}\nD: 5`],
  ['add appends', (headers) => headers.add('A', '5'), `${start}\nA: 5`],
  ['remove takes all of a name', (headers) => headers.remove('a'), 'b: 2\nC: 4'],
  ['remove of nothing changes nothing', (headers) => headers.remove('x'), start],
  ['rename keeps places and values', (headers) => headers.rename('a', 'Z'), 'Z: 1\nb: 2\nZ: 3\nC: 4'],
  ['clear forgets all', (headers) => headers.clear(), ''],
]
describe('changes', () => {
  for (const [title, change, after] of cases) {
    test(title, () => {
      const headers = list(start)
      change(headers)
      assert.equal(written(headers), after)
    })
  }
})

test('several values are joined by a comma', () => assert.equal(list(start).get('a'), '1, 3'))
test('all values in order', () => assert.deepEqual(list(start).getAll('a'), ['1', '3']))
test('a name that is not there has no value', () => assert.equal(list(start).get('x'), undefined))

for (const [name, value] of [
  ['a b', 'x'],
  ['', 'x'],
  ['a:', 'x'],
  ['a', 'x\r\nb: c'],
  ['a', 'x\0'],
  ['a', '\u20ac'],
] as const) {
  test(`refuses ${JSON.stringify(`${name}: ${value}`)}`, () => {
    assert.throws(() => new HeaderList().add(name, value), TypeError)
    assert.throws(() => new HeaderList().set(name, value), TypeError)
  })
}
