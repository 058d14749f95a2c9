import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { TSchema } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { BACKEND_MARK } from './backend-setting.ts'
import { type PluginDefinition, phases } from './plugin.ts'
import { plugins } from './registry.ts'

test('the running order keeps to the phases', () => {
  const places = plugins.map(({ phase }) => phases.indexOf(phase))
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  )
})

test('every plugin file is in the list, and has a test', () => {
  const files = readdirSync(import.meta.dirname)
  const notPlugins = new Set([
    'plugin',
    'backend',
    'backend-setting',
    'registry',
    'replies',
    'condition',
    'variables',
    'header-changes',
    'secret',
    'authentication',
    'body-coders',
    'log-sinks',
    'fake-exchange',
    'finished-request',
    'grpc-statuses',
    'key-sets',
    'limit-keys',
    'mtls-rules',
    'origins',
    'parameter-values',
    'policies',
    'reference',
    'template-mark',
  ])
  const inFolder = files.filter((file) => /^[a-z0-9-]+\.ts$/.test(file)).map((file) => file.replace('.ts', ''))
  assert.deepEqual(inFolder.filter((name) => !notPlugins.has(name)).sort(), plugins.map(({ name }) => name).sort())
  for (const { name } of plugins) assert.ok(files.includes(`${name}.test.ts`), `${name} has no test`)
})

/** Handlers of the way back. */
const BACK = /\b(?:onResponse|responseBody|responseCoding|onFinish)\b/

test('a plugin says that it works on answers exactly where it does', () => {
  for (const { name, sides = ['request'] } of plugins as readonly PluginDefinition[]) {
    const source = readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8')
    assert.equal(sides.includes('response'), BACK.test(source), name)
  }
})

/** Every setting, at any depth, as [path, schema]. */
function settings(schema: TSchema & { properties?: Record<string, TSchema> }, path = ''): [string, TSchema][] {
  // The fields of a backend are the same wherever there is one.
  if (BACKEND_MARK in schema) return []
  return Object.entries(schema.properties ?? {}).flatMap(([name, setting]) => [
    [`${path}/${name}`, setting] as [string, TSchema],
    ...settings(setting, `${path}/${name}`),
  ])
}

/** Where a schema has a pattern without words for people, at any depth. */
function unsaid(schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const hasNoWords = 'pattern' in schema && typeof schema.pattern === 'string' && !(EXPECTED in schema)
  return [
    ...(hasNoWords ? [path] : []),
    ...Object.entries(schema).flatMap(([name, member]) => unsaid(member, `${path}/${name}`)),
  ]
}

test('no pattern of a setting is told to people as a regular expression', () => {
  assert.deepEqual(
    plugins.flatMap(({ name, config }) => unsaid(config, name)),
    [],
  )
})

describe('every setting explains itself', () => {
  for (const { name, config } of plugins) {
    for (const [path, schema] of settings(config)) {
      test(`${name}${path}`, () => {
        const { title, description, examples } = schema as {
          title?: string
          description?: string
          examples?: unknown[]
        }
        assert.ok(title && description, 'title and description')
        assert.ok(examples && examples.length > 0, 'an example')
      })
    }
  }
})
