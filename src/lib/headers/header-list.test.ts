import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HeaderList, namesOf } from './header-list.ts'
import { ReadyField, RepeatedField } from './ready-field.ts'

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
  ['set puts one in the place of all, behind the others', (headers) => headers.set('a', '9'), 'b: 2\nC: 4\na: 9'],
  ['set appends what is not there', (headers) => headers.set('D', '5'), `${start}\nD: 5`],
  ['put does as set does', (headers) => headers.put('A', 'a', '9'), 'b: 2\nC: 4\nA: 9'],
  ['put appends what is not there', (headers) => headers.put('D', 'd', '5'), `${start}\nD: 5`],
  ['add appends', (headers) => headers.add('A', '5'), `${start}\nA: 5`],
  ['remove takes all of a name', (headers) => headers.remove('a'), 'b: 2\nC: 4'],
  ['remove of nothing changes nothing', (headers) => headers.remove('x'), start],
  ['removeBeginning takes all whose names begin so', (headers) => headers.removeBeginning('a'), 'b: 2\nC: 4'],
  ['removeBeginning with more than there is changes nothing', (headers) => headers.removeBeginning('ab'), start],
  ['rename keeps values, in their order', (headers) => headers.rename('a', 'Z'), 'b: 2\nC: 4\nZ: 1\nZ: 3'],
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

describe('what was settled', () => {
  const text = 'A: 1\r\nb: 2\r\na: 3\r\nC: 4\r\n'
  const changes: [what: string, change: (headers: HeaderList) => void][] = [
    ['nothing', () => undefined],
    ['a field that is looked at', (headers) => headers.get('a')],
    ['a field that is removed', (headers) => headers.remove('a')],
    ['all that are removed', (headers) => ['a', 'b', 'c'].forEach((name) => void headers.remove(name))],
    ['fields that are set and added', (headers) => ['A', 'D', 'E'].forEach((name) => void headers.set(name, '9'))],
    ['fields that are removed by how they begin', (headers) => headers.removeBeginning('a')],
    ['fields that are put', (headers) => ['A', 'D'].forEach((name) => void headers.put(name, name.toLowerCase(), '9'))],
    ['a field that is renamed', (headers) => headers.rename('a', 'Z')],
    [
      'one change behind another',
      (headers) => {
        headers.remove('b')
        headers.add('F', '6')
        headers.set('c', '7')
        headers.rename('a', 'G')
        headers.remove('f')
      },
    ],
  ]
  for (const [what, change] of changes)
    test(`is had back after ${what}`, () => {
      const headers = new HeaderList()
      for (let at = 0; at < text.length; at += 6) headers.pushPlaces(at, at + 1, at + 3, at + 4)
      headers.readFrom(text)
      headers.settle()
      for (let message = 0; message < 3; message++) {
        change(headers)
        headers.restore()
        assert.equal(headers.toLines(), text)
        assert.deepEqual(
          [...headers],
          [
            ['A', '1'],
            ['b', '2'],
            ['a', '3'],
            ['C', '4'],
          ],
        )
      }
    })
})

describe('a list is what a list of pairs would be, whatever is done to it', () => {
  type Pair = [name: string, value: string]
  const names = ['a', 'A', 'b', 'ab', 'aB', 'host', 'Host', 'x-id', 'X-Id', 'x-other']
  const name = fc.constantFrom(...names)
  const value = fc.constantFrom('1', '2', '', 'a longer value')
  const blank = fc.constantFrom('', ' ', '  ')
  const field = fc.record({ name, value, before: blank, behind: blank })
  // Some have more fields than are taken out one by one.
  const came = fc.oneof(
    { weight: 3, arbitrary: fc.array(field, { maxLength: 6 }) },
    { weight: 1, arbitrary: fc.array(field, { minLength: 29, maxLength: 34, size: 'max' }) },
  )
  const others = { name, value, to: name }
  const hows = [
    ...(['add', 'pushReady', 'set', 'put', 'putReady', 'repeated', 'remove', 'removeBeginning', 'rename'] as const),
    ...(['read', 'write', 'restore', 'copy'] as const),
  ]
  const step = fc.record({
    how: fc.constantFrom(...hows),
    ...others,
  })

  /** Reads fields as the codec does. */
  function read(
    headers: HeaderList,
    fields: readonly { name: string; value: string; before: string; behind: string }[],
  ) {
    headers.clear()
    let text = ''
    for (const one of fields) {
      const start = text.length
      const valueStart = start + one.name.length + 1 + one.before.length
      headers.pushPlaces(start, start + one.name.length, valueStart, valueStart + one.value.length)
      text += `${one.name}:${one.before}${one.value}${one.behind}\r\n`
    }
    headers.readFrom(text)
  }

  function assertSame(headers: HeaderList, pairs: readonly Pair[]) {
    assert.deepEqual([...headers], pairs)
    assert.equal(headers.toLines(), pairs.map(([name, value]) => `${name}: ${value}\r\n`).join(''))
    assert.equal(headers.isEmpty, pairs.length === 0)
    assert.deepEqual([...headers.clone()], pairs)
    for (const key of ['a', 'b', 'ab', 'host', 'x-id', 'x-other']) {
      const values = pairs.filter(([name]) => name.toLowerCase() === key).map(([, value]) => value)
      assert.equal(headers.has(key), values.length > 0)
      assert.equal(headers.get(key), values.length > 0 ? values.join(', ') : undefined)
      assert.deepEqual(headers.getAll(key), values)
    }
  }

  function change(pairs: Pair[], how: string, name: string, value: string, to: string): Pair[] {
    const isNamed = (one: Pair) => one[0].toLowerCase() === name.toLowerCase()
    if (how === 'add' || how === 'pushReady') return [...pairs, [name, value]]
    if (how === 'remove') return pairs.filter((one) => !isNamed(one))
    if (how === 'rename')
      return [...pairs.filter((one) => !isNamed(one)), ...pairs.filter(isNamed).map((one): Pair => [to, one[1]])]
    if (how === 'removeBeginning') return pairs.filter((one) => !one[0].toLowerCase().startsWith(name.toLowerCase()))
    return [...pairs.filter((one) => !isNamed(one)), [name, value]]
  }

  /** Lists that are used again and again, as those of connections are. */
  const used = [new HeaderList(), new HeaderList()] as const
  /** Fields of plugins, by their names. */
  const repeated = new Map(names.map((one) => [one, new RepeatedField(one)]))
  /** What the second one has. */
  let copied: Pair[] = []

  test('for one message after the other', () =>
    fc.assert(
      fc.property(came, fc.array(name, { maxLength: 1 }), fc.array(step, { maxLength: 12 }), (fields, taken, steps) => {
        const [headers, copy] = used
        read(headers, fields)
        assertSame(copy, copied)
        let settled = fields.map((one): Pair => [one.name, one.value])
        // As `Connection` takes out what it names.
        for (const one of taken) {
          headers.remove(one.toLowerCase())
          settled = change(settled, 'remove', one, '', '')
        }
        if (!headers.settle()) return assert.ok(fields.length > 31 && settled.length < fields.length)
        copy.copyFrom(headers)
        copied = settled
        let pairs = settled
        for (const { how, name, value, to } of steps) {
          const key = name.toLowerCase()
          if (how === 'add') headers.add(name, value)
          else if (how === 'set') headers.set(name, value)
          else if (how === 'put') headers.put(name, key, value)
          else if (how === 'pushReady') headers.pushReady(new ReadyField(name, value))
          else if (how === 'putReady') headers.putReady(new ReadyField(name, value))
          else if (how === 'repeated') repeated.get(name)?.put(headers, value)
          else if (how === 'remove') headers.remove(key)
          else if (how === 'removeBeginning') headers.removeBeginning(key)
          else if (how === 'rename') headers.rename(key, to)
          else if (how === 'read') headers.get(key)
          else if (how === 'write') headers.toLines()
          else if (how === 'restore') headers.restore()
          else if (how === 'copy') {
            // An answer that came again as it came before, into a list in which the last one was changed.
            headers.restore()
            copy.set(name, value)
            copy.remove('b')
            copy.copyFrom(headers)
            assertSame(copy, settled)
          }
          if (how === 'restore' || how === 'copy') pairs = settled
          else if (how !== 'read' && how !== 'write') pairs = change(pairs, how, name, value, to)
          assertSame(headers, pairs)
          assertSame(copy, copied)
        }
      }),
      { numRuns: 1_000 },
    ))
})

test('fields that are said to be as they came are, whatever was changed', () => {
  const came = ['Host', 'User-Agent', 'Referer', 'X-Trace', 'referer']
  const text = came.map((name, i) => `${name}: ${i}\r\n`).join('')
  const name = fc.constantFrom(
    'user-agent',
    'User-Agent',
    'referer',
    'x-stage',
    'x-trace',
    'X-Trace',
    'X-Request-Id',
    'host',
  )
  const change = fc.oneof(
    fc.record({ how: fc.constantFrom('set', 'add', 'put', 'remove', 'get'), name }),
    fc.record({ how: fc.constant('rename'), name, to: name }),
    fc.record({ how: fc.constantFrom('removeBeginning', 'restore', 'clear'), name: fc.constantFrom('u', 'ref', 'x-') }),
  )
  const headers = new HeaderList()
  fc.assert(
    fc.property(fc.array(change, { maxLength: 5 }), (changes) => {
      headers.clear()
      let at = 0
      for (const [i, one] of came.entries()) {
        headers.pushPlaces(at, at + one.length, at + one.length + 2, at + one.length + 3)
        at += `${one}: ${i}\r\n`.length
      }
      headers.readFrom(text)
      headers.settle()
      const before = ['user-agent', 'referer'].map((key) => headers.getAll(key))
      for (const { how, name, ...rest } of changes) {
        const key = name.toLowerCase()
        if (how === 'set') headers.set(name, 'new')
        else if (how === 'add') headers.add(name, 'new')
        else if (how === 'put') headers.put(name, key, 'new')
        else if (how === 'remove') headers.remove(key)
        else if (how === 'rename') headers.rename(key, 'to' in rest ? rest.to : '')
        else if (how === 'removeBeginning') headers.removeBeginning(key)
        else if (how === 'restore') headers.restore()
        else if (how === 'clear') {
          // What comes next is another message.
          headers.clear()
          break
        }
      }
      for (const [i, key] of ['user-agent', 'referer'].entries())
        if (headers.sourceOf(namesOf(key)) !== null) assert.deepEqual(headers.getAll(key), before[i])
      if (headers.sourceOf(namesOf('user-agent', 'referer')) !== null)
        assert.deepEqual(
          ['user-agent', 'referer'].map((key) => headers.getAll(key)),
          before,
        )
    }),
    { numRuns: 500 },
  )
  headers.clear()
  assert.equal(headers.sourceOf(namesOf('host')), null)
})

test('a change of one field leaves the others as they came', () => {
  const headers = new HeaderList()
  headers.pushPlaces(0, 7, 9, 10)
  headers.readFrom('Referer: 1\r\n')
  headers.set('X-Stage', 'live')
  headers.remove('cookie')
  assert.equal(headers.sourceOf(namesOf('referer')), 'Referer: 1\r\n')
  headers.set('Referer', '2')
  assert.equal(headers.sourceOf(namesOf('referer')), null)
})
