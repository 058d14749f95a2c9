import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { singleTarget } from '../model/backend.ts'
import type { OverlayNode } from '../model/stage.ts'
import type { Attachment, NodePlugin } from '../plugins/registry.ts'
import { EffectiveBackends, EffectivePlugins } from './effective.ts'

const names = ['request-id', 'request-transformer', 'mock'] as const

/** An attachment that tells where it stands. Which settings it has is nothing to the rule of the nearest. */
const attachment = (plugin: (typeof names)[number], where: string) =>
  ({ plugin, config: { where } }) as unknown as Attachment

/** Some of the plugins, each with or without settings. */
const some = (where: string) =>
  fc
    .array(fc.record({ plugin: fc.constantFrom(...names), isOff: fc.boolean() }), { maxLength: 3 })
    .map((list) =>
      [...new Map(list.map((one) => [one.plugin, one])).values()].map(
        ({ plugin, isOff }): NodePlugin => (isOff ? { plugin, off: true } : attachment(plugin, where)),
      ),
    )
const paths = ['/', '/a', '/a/{b}', '/a/{b}/c']

test('the nearest word about each plugin holds, the stage before the design, in running order', () => {
  const nodes = (layer: string) => fc.tuple(...paths.map((path) => some(`${layer} ${path}`)))
  fc.assert(
    fc.property(
      some('stage'),
      nodes('design'),
      nodes('stage'),
      some('method'),
      some('stage method'),
      fc.nat(3),
      (root, design, stage, method, stageMethod, at) => {
        const path = paths[at] ?? '/'
        const resources = paths.map((one, i) => ({
          id: one,
          serviceId: 's',
          path: one,
          description: '',
          plugins: design[i] ?? [],
        }))
        const overlay: OverlayNode[] = [
          ...paths.map((one, i) => ({ path: one, verb: null, plugins: stage[i] ?? [], backend: null })),
          { path, verb: 'GET', plugins: stageMethod, backend: null },
          { path, verb: 'PUT', plugins: [attachment('mock', 'another method')], backend: null },
        ]
        const effective = new EffectivePlugins({ plugins: root, overlay }, resources).of(
          { path },
          { verb: 'GET', plugins: method },
        )
        // Slow and obvious: each plugin, looked for from the method up.
        const nearestFirst = [
          stageMethod,
          method,
          ...paths
            .slice(0, at + 1)
            .flatMap((_, i) => [design[i] ?? [], ...(i === 0 ? [root] : []), stage[i] ?? []])
            .reverse(),
        ]
        const wanted = names.flatMap((name) => {
          const said = nearestFirst.flatMap((level) => level.filter(({ plugin }) => plugin === name))[0]
          return said === undefined || 'off' in said ? [] : said
        })
        assert.deepEqual(
          effective.map((one) => one.attachment),
          wanted,
        )
      },
    ),
  )
})

test('each comes with where it was said', () => {
  const resources = [{ id: '/a', serviceId: 's', path: '/a', description: '', plugins: [attachment('mock', 'a')] }]
  const overlay: OverlayNode[] = [{ path: '/a', verb: 'GET', plugins: [attachment('request-id', 'b')], backend: null }]
  const effective = new EffectivePlugins({ plugins: [], overlay }, resources)
  assert.deepEqual(
    effective.of({ path: '/a' }, { verb: 'GET', plugins: [] }).map(({ origin }) => origin),
    [
      { layer: 'stage', path: '/a', verb: 'GET' },
      { layer: 'design', path: '/a', verb: null },
    ],
  )
})

test('the nearest backend holds', () => {
  const backends = new EffectiveBackends({
    backend: singleTarget('http://stage'),
    overlay: [
      { path: '/a', verb: null, plugins: [], backend: singleTarget('http://a') },
      { path: '/a/b', verb: 'GET', plugins: [], backend: singleTarget('http://get') },
      { path: '/a/c', verb: null, plugins: [], backend: null },
    ],
  })
  const cases: [path: string, verb: 'GET' | 'PUT', url: string][] = [
    ['/', 'GET', 'http://stage'],
    ['/a', 'GET', 'http://a'],
    ['/a/b', 'GET', 'http://get'],
    ['/a/b', 'PUT', 'http://a'],
    ['/a/b/c', 'GET', 'http://a'],
    ['/a/c', 'GET', 'http://a'],
    ['/ab', 'GET', 'http://stage'],
  ]
  for (const [path, verb, url] of cases)
    assert.deepEqual(backends.of({ path }, { verb }), singleTarget(url), `${verb} ${path}`)
})
