import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  editedOf,
  listsOnStage,
  type OverlayEntry,
  problemsOf,
  type Said,
  saidOf,
  saidWith,
  stageWith,
  withSaid,
} from '../../../console/src/features/plugins/node.ts'

/** What the nodes of a tree say of plugins, and how that is changed. */

const cors: Said = { plugin: 'cors', config: { origins: ['*'] } }
const limit: Said = { plugin: 'rate-limit', config: { requests: 5 }, mode: 'shadow' }
const off: Said = { plugin: 'cors', off: true }
const entry = (path: string, verb: string | null, plugins: readonly Said[], backend: unknown = null): OverlayEntry => ({
  path,
  verb,
  plugins,
  backend,
})

describe('a list says something else of one plugin', () => {
  for (const [name, before, plugin, said, after] of [
    ['a new one comes last', [cors], 'rate-limit', limit, [cors, limit]],
    ['one that is there keeps its place', [cors, limit], 'cors', off, [off, limit]],
    ['null takes it out', [cors, limit], 'cors', null, [limit]],
    ['what is not there cannot be taken out', [limit], 'cors', null, [limit]],
  ] as readonly (readonly [string, readonly Said[], string, Said | null, readonly Said[]])[])
    test(name, () => assert.deepEqual(withSaid(before, plugin, said), after))
})

describe('the lists of a node on a stage', () => {
  const stage = { plugins: [cors], overlay: [entry('/a', null, [limit]), entry('/a', 'GET', [off])] }
  test('that of a path, and that of a method of it', () => {
    assert.deepEqual(listsOnStage(stage, { path: '/a', verb: null }), [
      { pointer: '/overlay/0/plugins', plugins: [limit] },
    ])
    assert.deepEqual(listsOnStage(stage, { path: '/a', verb: 'GET' }), [
      { pointer: '/overlay/1/plugins', plugins: [off] },
    ])
  })
  test('one about which nothing is said would be the next', () => {
    assert.deepEqual(listsOnStage(stage, { path: '/b', verb: null }), [{ pointer: '/overlay/2/plugins', plugins: [] }])
  })
  test('the root has that of the stage, and one of its own where something is said there', () => {
    const root = { pointer: '/plugins', plugins: [cors] }
    assert.deepEqual(listsOnStage(stage, { path: '/', verb: null }), [root])
    const both = { ...stage, overlay: [entry('/', null, [limit])] }
    assert.deepEqual(listsOnStage(both, { path: '/', verb: null }), [
      root,
      { pointer: '/overlay/0/plugins', plugins: [limit] },
    ])
    assert.equal(saidOf(listsOnStage(both, { path: '/', verb: null }), 'rate-limit'), limit)
    assert.equal(saidOf(listsOnStage(both, { path: '/', verb: null }), 'jwt'), undefined)
  })
  test('a method of the root is not the stage', () => {
    assert.deepEqual(listsOnStage(stage, { path: '/', verb: 'GET' }), [{ pointer: '/overlay/2/plugins', plugins: [] }])
  })
})

describe('a stage is changed', () => {
  const spot = { path: '/a', verb: null }
  test('its own list', () => {
    assert.deepEqual(stageWith({ plugins: [], overlay: [] }, spot, '/plugins', [cors]), { plugins: [cors] })
  })
  test('a node of which nothing was said comes to the others', () => {
    const others = [entry('/b', null, [limit])]
    const { overlay } = stageWith({ plugins: [], overlay: others }, spot, '/overlay/1/plugins', [cors]) as {
      overlay: OverlayEntry[]
    }
    assert.deepEqual(overlay, [...others, entry('/a', null, [cors])])
  })
  test('a node of which nothing is said any more goes; one with a backend of its own stays', () => {
    const stage = (backend: unknown) => ({ plugins: [], overlay: [entry('/a', null, [cors], backend)] })
    assert.deepEqual(stageWith(stage(null), spot, '/overlay/0/plugins', []), { overlay: [] })
    const backend = { targets: [] }
    assert.deepEqual(stageWith(stage(backend), spot, '/overlay/0/plugins', []), {
      overlay: [entry('/a', null, [], backend)],
    })
  })
})

test('what is said of a node is what is read of it then, and no other node says anything else', () => {
  const said = fc.subarray([cors, limit])
  const entries = fc.uniqueArray(
    fc.record({
      path: fc.constantFrom('/a', '/b'),
      verb: fc.constantFrom(null, 'GET'),
      plugins: fc.subarray([cors, limit], { minLength: 1 }),
      backend: fc.constant(null),
    }),
    { selector: ({ path, verb }) => `${verb} ${path}` },
  )
  fc.assert(
    fc.property(entries, said, (overlay, plugins) => {
      const stage = { plugins: [], overlay }
      const spot = { path: '/a', verb: null }
      const [own] = listsOnStage(stage, spot)
      const changed = { ...stage, ...stageWith(stage, spot, own?.pointer ?? '', plugins) }
      assert.deepEqual(listsOnStage(changed, spot)[0]?.plugins, plugins)
      for (const other of overlay.filter((one) => one.path !== '/a' || one.verb !== null))
        assert.deepEqual(listsOnStage(changed, other)[0]?.plugins, other.plugins)
    }),
  )
})

test('problems with one plugin are told from it on; those of others are not its own', () => {
  const problems = ['/plugins/1', '/plugins/1/config/requests', '/plugins/10/config', '/plugins/0'].map((path) => ({
    path,
  }))
  assert.deepEqual(problemsOf(problems, '/plugins', 1), [{ path: '' }, { path: '/config/requests' }])
})

test('what is edited of a plugin is all but its name, and gives the same back', () => {
  assert.deepEqual(editedOf(limit), { config: { requests: 5 }, mode: 'shadow' })
  assert.deepEqual(saidWith('rate-limit', editedOf(limit)), limit)
  // Settings of which nothing is said are empty ones.
  assert.deepEqual(editedOf({ plugin: 'cors' }), { config: {} })
  assert.deepEqual(Object.keys(saidWith('cors', { config: {}, plugin: 'jwt' }))[0], 'plugin')
  assert.equal(saidWith('cors', { plugin: 'jwt' }).plugin, 'cors')
})
