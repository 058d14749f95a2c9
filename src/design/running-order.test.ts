import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Attachment, type Order, type PluginName, pluginOrder } from '../plugins/registry.ts'
import { findOrderCycle, isMoved, runningOrder } from './running-order.ts'

const names = [...pluginOrder.keys()] as PluginName[]

/** An attachment; which settings it has is nothing to the order. */
const attachment = (plugin: PluginName, order?: Order) =>
  ({ plugin, config: {}, ...(order && { order }) }) as unknown as Attachment
const namesOf = (attachments: readonly Attachment[]) => attachments.map(({ plugin }) => plugin)

const cases: [what: string, attachments: Attachment[], order: PluginName[]][] = [
  ['nothing', [], []],
  [
    'the order of the registry',
    [attachment('mock'), attachment('request-id'), attachment('request-transformer')],
    ['request-id', 'request-transformer', 'mock'],
  ],
  [
    'moved to the front, across phases',
    [
      attachment('request-id'),
      attachment('ip-restriction'),
      attachment('request-transformer', { before: 'request-id' }),
    ],
    ['request-transformer', 'request-id', 'ip-restriction'],
  ],
  [
    'moved behind',
    [attachment('request-id', { after: 'mock' }), attachment('ip-restriction'), attachment('mock')],
    ['ip-restriction', 'mock', 'request-id'],
  ],
  [
    'just before, even where it was before already',
    [attachment('request-id', { before: 'mock' }), attachment('ip-restriction'), attachment('mock')],
    ['ip-restriction', 'request-id', 'mock'],
  ],
  [
    'followers come along',
    [attachment('request-id', { after: 'timeout' }), attachment('timeout', { after: 'mock' }), attachment('mock')],
    ['mock', 'timeout', 'request-id'],
  ],
  [
    'two at the same place keep their order',
    [attachment('timeout', { before: 'mock' }), attachment('request-id', { before: 'mock' }), attachment('mock')],
    ['request-id', 'timeout', 'mock'],
  ],
  [
    'a plugin that does not run moves nothing',
    [attachment('request-transformer', { before: 'request-id' }), attachment('mock')],
    ['request-transformer', 'mock'],
  ],
  [
    'in a circle nothing is moved',
    [attachment('mock', { before: 'timeout' }), attachment('timeout', { before: 'mock' }), attachment('request-id')],
    ['request-id', 'timeout', 'mock'],
  ],
]
describe('running order', () => {
  for (const [what, attachments, order] of cases)
    test(what, () => assert.deepEqual(namesOf(runningOrder(attachments)), order))
})

const anything = fc
  .uniqueArray(
    fc.record({
      plugin: fc.constantFrom(...names),
      order: fc.option(
        fc.oneof(fc.record({ before: fc.constantFrom(...names) }), fc.record({ after: fc.constantFrom(...names) })),
        { nil: undefined },
      ),
    }),
    { selector: ({ plugin }) => plugin },
  )
  .map((list) => list.map(({ plugin, order }) => attachment(plugin, order)))

test('all are there once, in the same order however they are given', () => {
  fc.assert(
    fc.property(anything, (attachments) => {
      const ordered = namesOf(runningOrder(attachments))
      assert.deepEqual(ordered.toSorted(), namesOf(attachments).toSorted())
      assert.deepEqual(namesOf(runningOrder(attachments.toReversed())), ordered)
    }),
  )
})

test('each that is moved stands on its side, with none between but those that are moved there too', () => {
  fc.assert(
    fc.property(anything, (attachments) => {
      const ordered = runningOrder(attachments)
      for (const one of ordered.filter((candidate) => isMoved(candidate, attachments))) {
        const order: { before?: PluginName; after?: PluginName } = one.order ?? {}
        const [own, anchor] = [one.plugin, order.before ?? order.after].map((name) =>
          namesOf(ordered).indexOf(name as PluginName),
        ) as [number, number]
        assert.ok(order.before === undefined ? own > anchor : own < anchor)
        for (const between of ordered.slice(Math.min(own, anchor) + 1, Math.max(own, anchor)))
          assert.ok(isMoved(between, attachments), `${between.plugin} stands in between`)
      }
    }),
  )
})

test('without an order it is that of the registry, and those that are not moved keep it among themselves', () => {
  fc.assert(
    fc.property(anything, (attachments) => {
      const byRegistry = (list: readonly Attachment[]) =>
        namesOf(list).toSorted((a, b) => names.indexOf(a) - names.indexOf(b))
      const plain = attachments.map(({ plugin }) => attachment(plugin))
      assert.deepEqual(namesOf(runningOrder(plain)), byRegistry(plain))
      const unmoved = runningOrder(attachments).filter((one) => !isMoved(one, attachments))
      assert.deepEqual(namesOf(unmoved), byRegistry(unmoved))
    }),
  )
})

test('a circle is found where there is one', () => {
  assert.equal(findOrderCycle([attachment('mock', { before: 'timeout' }), attachment('timeout')]), null)
  assert.deepEqual(
    findOrderCycle([
      attachment('request-id', { after: 'mock' }),
      attachment('mock', { before: 'timeout' }),
      attachment('timeout', { after: 'mock' }),
    ]),
    ['mock', 'timeout'],
  )
  assert.deepEqual(findOrderCycle([attachment('mock', { before: 'mock' })]), ['mock'])
})
