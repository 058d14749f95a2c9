import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalPath } from './canonical-path.ts'

/** Path as sent → canonical path, or null where it is refused. */
const cases: [sent: string, canonical: string | null][] = [
  ['/', '/'],
  ['/a/b', '/a/b'],
  ['/a/b/', '/a/b/'],
  ['//a///b', '/a/b'],
  ['/a//', '/a/'],
  ['/./a/./b', '/a/b'],
  ['/a/b/..', '/a/'],
  ['/a/b/../c', '/a/c'],
  ['/a/.', '/a/'],
  ['/a/..', '/'],
  ['/..', null],
  ['/a/../..', null],
  ['/%2e%2e/a', null],
  ['/a/%2E%2e/b', '/b'],
  ['/a/.%2e/b', '/b'],
  ['/%61%7Eb%2d', '/a~b-'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/a%20b', '/a%20b'],
  ['/a%2520b', '/a%2520b'],
  ['/a%252e%252e/b', '/a%252e%252e/b'],
  ['/a%2fb', null],
  ['/a%2Fb', null],
  ['/a%5cb', null],
  ['/a%00', null],
  ['/a\\b', null],
  ['/a%', null],
  ['/a%4', null],
  ['/a%zz', null],
  ['/a%ff', null],
  ['/a%c3', null],
  ['/a%c0%ae', null],
  ['/a/..;/b', null],
  ['/a/..;x=1/b', null],
  ['/a/%2e%2e;/b', null],
  ['/a/..%3b/b', null],
  ['/a;v=1/b', '/a;v=1/b'],
  ['/...', '/...'],
  ['/.well-known/x', '/.well-known/x'],
  ['/..a', '/..a'],
]

for (const [sent, canonical] of cases) {
  test(`${sent} is ${canonical ?? 'refused'}`, () => assert.equal(canonicalPath(sent), canonical))
}

const anyPath = fc
  .array(
    fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2E%2E',
      'a',
      'B',
      '~',
      '%41',
      '%c3%a9',
      ';',
      '%3b',
      '//',
      '%25',
      '%2f',
      '%20',
    ),
    { maxLength: 12 },
  )
  .map((parts) => `/${parts.join('')}`)

test('a canonical path is its own canonical form', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const once = canonicalPath(path)
      if (once !== null) assert.equal(canonicalPath(once), once)
    }),
  )
})

test('a canonical path has no dot or empty segment before its end', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const canonical = canonicalPath(path)
      if (canonical === null) return
      assert.ok(canonical.startsWith('/'))
      assert.doesNotMatch(canonical, /\/\/|\/\.{1,2}(\/|$)/)
    }),
  )
})
