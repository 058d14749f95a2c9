import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ancestors, checkPath, PathTree, parentPath, pathVariables } from './paths.ts'

describe('paths that may be added to a tree with /pets/{id}/toys and /files/{rest+}', () => {
  const tree = () => new PathTree(['/pets/{id}/toys', '/files/{rest+}'])
  const allowed = [
    '/',
    '/a',
    '/pets',
    '/pets/{id}',
    '/pets/{id}/{toy}',
    '/pets/{rest+}',
    '/pets/mine',
    '/files/{name}',
    '/a.b/c-d_e~f',
    '/%C3%A9',
    '/:batch',
    '/{a}/{b}/{c+}',
    `/${'x'.repeat(254)}`,
  ]
  for (const path of allowed) test(`${path.slice(0, 40)} is fine`, () => assert.deepEqual(checkPath(path, tree()), []))

  const refused: [path: string, told: RegExp][] = [
    ['a', /does not begin with "\/"/],
    ['/a/', /ends with "\/"/],
    ['/a//b', /empty segment/],
    ['/a b', /characters that a path may not have/],
    ['/a?b', /characters that a path may not have/],
    ['/a#b', /characters that a path may not have/],
    ['/é', /percent-encode/],
    ['/%c3%a9', /characters that a path may not have/],
    ['/%41', /canonicalisation/],
    ['/a/../b', /canonicalisation/],
    ['/.', /canonicalisation/],
    ['/a/x{id}', /neither a literal nor a variable/],
    ['/{}', /neither a literal nor a variable/],
    ['/{1a}', /neither a literal nor a variable/],
    ['/{a b}', /neither a literal nor a variable/],
    ['/{a++}', /neither a literal nor a variable/],
    ['/{rest+}/a', /must come last/],
    ['/{a}/{a}', /"a" twice/],
    ['/{a}/{a+}', /"a" twice/],
    ['/pets/{other}', /stands beside "\/pets\/\{id\}"/],
    ['/pets/{other}/deep/down', /stands beside "\/pets\/\{id\}"/],
    ['/files/{other+}', /stands beside "\/files\/\{rest\+\}"/],
    [`/${'x'.repeat(255)}`, /256 characters; at most 255/],
  ]
  for (const [path, told] of refused) {
    test(`${path.slice(0, 40)} is refused`, () => {
      const problems = checkPath(path, tree())
      assert.match(problems.map(({ message }) => message).join('\n'), told)
      assert.deepEqual([...new Set(problems.map((problem) => problem.path))], ['/path'])
    })
  }
})

test('the paths above', () => {
  assert.deepEqual(ancestors('/a/{b}/c'), ['/', '/a', '/a/{b}'])
  assert.deepEqual(ancestors('/'), [])
  assert.deepEqual([parentPath('/'), parentPath('/a'), parentPath('/a/b')], [null, '/', '/a'])
})

test('variables as context variables name them', () => {
  assert.deepEqual(pathVariables('/a/{b}/c/{rest+}'), ['b', 'rest+'])
})
