import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Attachment } from '../plugins/registry.ts'
import { EffectivePlugins } from './effective.ts'

const names = ['request-id', 'request-transformer', 'mock'] as const

/** An attachment that tells where it stands. Which settings it has is nothing to the rule of the nearest. */
const attachment = (plugin: (typeof names)[number], where: string) =>
  ({ plugin, config: { where } }) as unknown as Attachment

const some = (where: string) => fc.subarray([...names]).map((list) => list.map((plugin) => attachment(plugin, where)))
const paths = ['/', '/a', '/a/{b}', '/a/{b}/c']

test('the nearest attachment of each plugin wins, in running order', () => {
  fc.assert(
    fc.property(some('stage'), fc.tuple(...paths.map(some)), some('method'), fc.nat(3), (stage, nodes, method, at) => {
      const resources = paths.map((path, i) => ({
        id: path,
        serviceId: 's',
        path,
        description: '',
        plugins: nodes[i] ?? [],
      }))
      const effective = new EffectivePlugins({ plugins: stage }, resources).of(
        { path: paths[at] ?? '/' },
        { plugins: method },
      )
      // Slow and obvious: each plugin, looked for from the method up.
      const nearestFirst = [method, ...nodes.slice(0, at + 1).reverse(), stage]
      const wanted = names.flatMap(
        (name) =>
          nearestFirst.map((level) => level.find(({ plugin }) => plugin === name)).find((one) => one !== undefined) ??
          [],
      )
      assert.deepEqual(effective, wanted)
    }),
  )
})
