import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { commandOf, typedTo } from '../../../console/src/features/design/tree-keys.ts'
import {
  methodKey,
  placeOf,
  type Row,
  rowsOf,
  selectedOf,
  sizeOf,
  type Tree,
  type TreePath,
  treeOf,
  variablesOf,
} from '../../../console/src/features/design/tree-model.ts'

/** A path with its methods, as short as it can be. */
function path(path: string, ...verbs: string[]): TreePath {
  const methods = verbs.map((verb) => ({
    id: `id of ${verb} ${path}`,
    verb,
    name: `${verb} it`,
    operationId: '',
    isDeprecated: false,
    isMock: false,
    plugins: 0,
  }))
  return { id: `id of ${path}`, path, plugins: 0, methods }
}

// As the API has them, by the letters: `-` comes before `/`.
const pets = treeOf([
  path('/'),
  path('/owners', 'GET'),
  path('/pets', 'GET', 'POST'),
  path('/pets-old', 'GET'),
  path('/pets/{petId}', 'DELETE'),
  path('/pets/{petId}/toys'),
])
const all = () => true
const outline = (rows: readonly Row[]) => rows.map(({ key, level }) => `${' '.repeat(level - 1)}${key}`)
const open = (tree: Tree) => rowsOf(tree, all, '')

describe('rows', () => {
  test('stand as a tree: methods first, then the paths below', () => {
    assert.deepEqual(outline(open(pets)), [
      '/',
      ' /owners',
      '  GET /owners',
      ' /pets',
      '  GET /pets',
      '  POST /pets',
      '  /pets/{petId}',
      '   DELETE /pets/{petId}',
      '   /pets/{petId}/toys',
      ' /pets-old',
      '  GET /pets-old',
    ])
  })

  test('of what is closed only the path is there', () => {
    const rows = rowsOf(pets, ({ path }) => path !== '/pets', '')
    assert.deepEqual(outline(rows), ['/', ' /owners', '  GET /owners', ' /pets', ' /pets-old', '  GET /pets-old'])
  })

  test('tell assistive technology where they are', () => {
    const row = open(pets).find(({ key }) => key === '/pets/{petId}')
    assert.deepEqual([row?.level, row?.position, row?.siblings], [3, 3, 3])
  })

  const searches: [text: string, keys: string[]][] = [
    ['post', ['/', '/pets', 'POST /pets']],
    ['get own', ['/', '/owners', 'GET /owners']],
    ['TOYS', ['/', '/pets', '/pets/{petId}', '/pets/{petId}/toys']],
    ['/pets/', ['/', '/pets', '/pets/{petId}', 'DELETE /pets/{petId}', '/pets/{petId}/toys']],
    ['nothing like it', []],
  ]
  for (const [text, keys] of searches)
    test(`with "${text}" looked for are those that have it, with the paths above`, () => {
      const rows = rowsOf(pets, () => false, text)
      assert.deepEqual(
        rows.map(({ key }) => key),
        keys,
      )
    })

  test('whatever is in a tree, all of it is there once, each below its parent', () => {
    const segment = fc.constantFrom('a', 'b', 'a-b', '{x}')
    const somePaths = fc.array(fc.array(segment, { minLength: 1, maxLength: 4 }), { maxLength: 30 })
    fc.assert(
      fc.property(somePaths, (list) => {
        const paths = new Set(['/', ...list.flatMap((one) => one.map((_, i) => `/${one.slice(0, i + 1).join('/')}`))])
        const tree = treeOf([...paths].toSorted().map((one) => path(one, 'GET')))
        const rows = open(tree)
        const keys = rows.map(({ key }) => key)
        assert.deepEqual(keys.toSorted(), [...paths].flatMap((one) => [one, methodKey('GET', one)]).toSorted())
        for (const { node, level } of rows) assert.ok(level >= node.level)
        assert.equal(tree.root === null ? 0 : sizeOf(tree.root).methods, paths.size)
      }),
    )
  })
})

describe('what the URL names', () => {
  const cases: [node: string | undefined, method: string | undefined, key: string | null][] = [
    ['/pets', undefined, '/pets'],
    ['/pets', 'POST', 'POST /pets'],
    ['id of /pets', 'id of GET /pets', 'GET /pets'],
    [undefined, 'id of DELETE /pets/{petId}', 'DELETE /pets/{petId}'],
    ['/cats', undefined, null],
    ['/pets', 'PUT', null],
    [undefined, undefined, null],
  ]
  for (const [node, method, key] of cases)
    test(`${node} ${method}`, () => {
      const found = selectedOf(pets, node, method)
      const name = found?.method == null ? found?.node.path : methodKey(found.method.verb, found.node.path)
      assert.equal(name ?? null, key)
    })

  test('a key leads back to itself', () => {
    for (const { key } of open(pets)) {
      const { node, method } = placeOf(key)
      const found = selectedOf(pets, node, method)
      assert.equal(found?.method == null ? found?.node.path : methodKey(found.method.verb, found.node.path), key)
    }
  })
})

test('the variables of a path, without the plus', () => {
  assert.deepEqual(variablesOf('/a/{b}/c/{d+}'), ['b', 'd'])
})

describe('keys', () => {
  const rows = open(pets)
  const at = (key: string) => rows.findIndex((row) => row.key === key)
  const closed = rowsOf(pets, () => false, '')
  const press = (key: string, from: string, shiftKey = false) => commandOf({ key, shiftKey }, rows, at(from))
  const cases: [key: string, from: string, command: ReturnType<typeof commandOf>][] = [
    ['ArrowDown', '/', { do: 'go', to: 1 }],
    ['ArrowUp', '/', { do: 'go', to: 0 }],
    ['End', '/', { do: 'go', to: rows.length - 1 }],
    ['Home', '/pets', { do: 'go', to: 0 }],
    ['ArrowRight', '/pets', { do: 'go', to: at('GET /pets') }],
    ['ArrowRight', 'GET /pets', null],
    ['ArrowRight', '/pets/{petId}/toys', null],
    ['ArrowLeft', '/pets', { do: 'close' }],
    ['ArrowLeft', 'POST /pets', { do: 'go', to: at('/pets') }],
    ['ArrowLeft', '/pets/{petId}/toys', { do: 'go', to: at('/pets/{petId}') }],
    ['ArrowLeft', '/', null],
    ['Enter', '/pets', { do: 'select' }],
    [' ', '/pets', { do: 'select' }],
    ['F2', '/pets', { do: 'menu' }],
    ['ContextMenu', '/pets', { do: 'menu' }],
    ['Delete', '/pets', { do: 'delete' }],
    ['F10', '/pets', null],
    ['x', '/pets', null],
  ]
  for (const [key, from, command] of cases) test(`${key} at ${from}`, () => assert.deepEqual(press(key, from), command))

  test('the menu key of keyboards without one', () => assert.deepEqual(press('F10', '/pets', true), { do: 'menu' }))
  test('the right arrow opens what is closed', () =>
    assert.deepEqual(commandOf({ key: 'ArrowRight', shiftKey: false }, closed, 0), { do: 'open' }))

  test('letters lead to the next row of that name, and round', () => {
    assert.equal(typedTo(rows, at('/'), 'p'), at('/pets'))
    assert.equal(typedTo(rows, at('/pets'), 'pets-'), at('/pets-old'))
    assert.equal(typedTo(rows, at('/pets-old'), 'o'), at('/owners'))
    assert.equal(typedTo(rows, at('/pets'), 'petid'), at('/pets/{petId}'))
    assert.equal(typedTo(rows, at('/'), 'zebra'), null)
  })
})
