import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Setup } from '../../model/declarative.ts'
import { plugins } from '../../plugins/registry.ts'
import { arbitrarySetup } from './arbitrary-setup.ts'

/** A schema as it is walked, beside the values that it describes. */
interface Walkable {
  readonly properties?: Readonly<Record<string, Walkable>>
  readonly additionalProperties?: Walkable | boolean
  readonly items?: Walkable
  readonly anyOf?: readonly Walkable[]
  readonly oneOf?: readonly Walkable[]
  readonly discriminator?: { readonly propertyName: string }
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly default?: unknown
}

/** Is told the place of a field or choice, and what the samples have there. */
type Visit = (place: string, values: readonly unknown[]) => void

/** Visits every field that a schema knows, and every choice that it gives, with all values that samples have there. */
function visitFields(schema: Walkable, values: readonly unknown[], place: string, visit: Visit): void {
  const { items, additionalProperties, discriminator, oneOf = [] } = schema
  const objects = values.filter(
    (value): value is Record<string, unknown> => typeof value === 'object' && value !== null,
  )
  for (const choice of schema.enum ?? [])
    if (choice !== schema.default)
      visit(
        `${place} = ${choice}`,
        values.filter((value) => value === choice),
      )
  if (items !== undefined) visitFields(items, values.flat(), `${place}[]`, visit)
  if (typeof additionalProperties === 'object')
    visitFields(additionalProperties, objects.flatMap(Object.values), `${place}.*`, visit)
  // Settings of plugins are theirs; what can be said of every attachment is the same for all of them.
  const kinds = discriminator?.propertyName === 'plugin' ? oneOf.slice(0, 1) : oneOf
  for (const kind of kinds) visitFields(kind, values, place, visit)
  const members = Object.entries(schema.properties ?? {}).filter(([name]) => name !== 'config' && name !== '$schema')
  const areAlike = members.length > 1 && new Set(members.map(([, member]) => member)).size === 1
  for (const [name, member] of members) {
    const found = objects.flatMap((value) => (Object.hasOwn(value, name) ? [value[name]] : []))
    visit(`${place}.${name}`, found)
    if (!areAlike) visitFields(member, found, `${place}.${name}`, visit)
  }
  const [first] = members
  if (areAlike && first !== undefined) visitFields(first[1], objects.flatMap(Object.values), `${place}.*`, visit)
}

test('some setup has each field of the format, each choice, and each plugin', () => {
  const setups = fc.sample(arbitrarySetup, { numRuns: 400, seed: 1 })
  const [missing, all] = [new Set<string>(), new Set<string>()]
  visitFields(Setup as Walkable, setups, '', (place, values) => {
    all.add(place)
    if (values.length === 0) missing.add(place)
  })
  // What is not in shadow is enforced, without being said; values of keys are in no export.
  const unsaid = /plugins\[\]\.mode = enforce$|^\.keys\.\*\.values/
  assert.deepEqual(
    [...missing].filter((place) => !unsaid.test(place)),
    [],
  )
  const text = JSON.stringify(setups)
  const unused = plugins.filter(({ name }) => !text.includes(`{"plugin":"${name}","config"`))
  assert.deepEqual(
    unused.map(({ name }) => name),
    [],
  )
  // It has come to the ends of the format.
  for (const place of [
    '.services.*.stages.*.overlay.*.plugins[].order.before',
    '.services.*.design.paths.*.methods.*.parameters[].style = deepObject',
    '.services.*.design.gatewayResponses.*.bodies[].contentType',
  ])
    assert.ok(all.has(place), [...all].join('\n'))
})
