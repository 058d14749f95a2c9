import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BACKEND_MARK } from './backend-setting.ts'
import type { PluginDefinition } from './plugin.ts'
import { plugins } from './registry.ts'
import { replies } from './replies.ts'

/** The reference pages of the plugins, made from their definitions: `npm run docs:plugins`. */

const FOLDER = join(import.meta.dirname, '../../docs/plugins')

/** A page, by the name of its file. */
export interface Page {
  readonly file: string
  readonly text: string
}

/** All pages as they are to be. */
export function referencePages(): Page[] {
  return [
    { file: 'README.md', text: overview() },
    ...plugins.map((plugin) => ({ file: `${plugin.name}.md`, text: pageOf(plugin) })),
  ]
}

/** What is different between the folder and the definitions: names of files. */
export function stalePages(): string[] {
  const pages = new Map(referencePages().map(({ file, text }) => [file, text]))
  const there = readdirSync(FOLDER)
  return [
    ...there.filter((file) => !pages.has(file)),
    ...[...pages]
      .filter(([file, text]) => !there.includes(file) || readFileSync(join(FOLDER, file), 'utf8') !== text)
      .map(([file]) => file),
  ]
}

function overview(): string {
  const rows = plugins.map(
    ({ name, phase, attach, summary }) =>
      `| [\`${name}\`](${name}.md) | ${phase} | ${attach.join(', ')} | ${cell(summary)} |`,
  )
  return [
    '# Plugins',
    '',
    'In the order in which they run; answers pass them the other way round. Every attachment can also carry `when`, `order` and `mode`:',
    '[conditions, order and shadow](../guides/conditions.md). These pages are made from the definitions by `npm run docs:plugins`.',
    '',
    '| Plugin | Phase | Attached to | |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

/** Settings that a plugin takes, as its page shows them. */
export function exampleSettings({ config, example }: PluginDefinition): object {
  return example ?? exampleOf(config as unknown as Schema)
}

function pageOf(plugin: PluginDefinition): string {
  const { name, summary, docs, phase, attach, config } = plugin
  const settings = settingsOf(config as unknown as Schema)
  const codes = refusalsOf(name)
  return [
    `# ${name}`,
    '',
    summary,
    '',
    docs,
    '',
    `Phase: ${phase}. Attached to: ${attach.join(', ')}.`,
    '',
    '## Settings',
    '',
    '| Setting | Type | Default | |',
    '| --- | --- | --- | --- |',
    ...settings.map(
      ({ path, type, fallback, description }) =>
        `| \`${path}\` | ${cell(type)} | ${fallback === undefined ? '' : `\`${cell(fallback)}\``} | ${cell(description)} |`,
    ),
    '',
    '## Example',
    '',
    '```json',
    JSON.stringify({ plugin: name, config: exampleSettings(plugin) }, null, 2),
    '```',
    '',
    ...(codes.length === 0
      ? []
      : [
          '## Refusals',
          '',
          '| Code | Gateway response | |',
          '| --- | --- | --- |',
          ...codes.map(({ code, type, detail }) => `| \`${code}\` | \`${type}\` | ${cell(detail)} |`),
          '',
        ]),
  ].join('\n')
}

/** A schema as far as it is shown. */
interface Schema {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly [BACKEND_MARK]?: boolean
}

interface Setting {
  readonly path: string
  readonly type: string
  readonly fallback: string | undefined
  readonly description: string
}

/** Every setting, also those within others. */
function settingsOf(schema: Schema, prefix = ''): Setting[] {
  const { properties = {}, required = [] } = schema
  if (schema[BACKEND_MARK] === true) return []
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = prefix + name
    const isNeeded = required.includes(name) && schema.default === undefined
    const nested =
      schema.type === 'array' ? settingsOf(schema.items ?? {}, `${path}[].`) : settingsOf(schema, `${path}.`)
    const fallback = schema.default === undefined || nested.length > 0 ? undefined : JSON.stringify(schema.default)
    return [
      { path, type: typeOf(schema) + (isNeeded ? ', required' : ''), fallback, description: schema.description ?? '' },
      ...nested,
    ]
  })
}

function typeOf(schema: Schema): string {
  const { type, enum: values, items, minimum, maximum, patternProperties } = schema
  if (schema[BACKEND_MARK] === true) return 'backend'
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(', ')
  if (type === 'array') return `list of ${items?.enum === undefined ? `${items?.type ?? 'value'}s` : typeOf(items)}`
  if (type === 'object') return patternProperties === undefined ? 'object' : 'object by name'
  const limits = minimum !== undefined && maximum !== undefined ? ` ${minimum} to ${maximum}` : ''
  return `${type ?? 'any'}${limits}`
}

/** Settings as an example: those that are required, and of the others the first that has one. */
function exampleOf({ properties = {}, required = [] }: Schema): Record<string, unknown> {
  const needed = Object.entries(properties).filter(
    ([name, schema]) => required.includes(name) && schema.default === undefined,
  )
  const shown = needed.length > 0 ? needed : Object.entries(properties).slice(0, 2)
  return Object.fromEntries(
    shown.map(([name, schema]) => [name, schema.examples?.[0] ?? schema.default ?? exampleOf(schema)]),
  )
}

/** The replies that a plugin's own file names. */
function refusalsOf(name: string): { code: string; type: string; detail: string }[] {
  const source = readFileSync(join(import.meta.dirname, `${name}.ts`), 'utf8')
  return Object.entries(replies)
    .filter(([code]) => source.includes(`'${code}'`))
    .map(([code, { type, detail }]) => ({ code, type, detail }))
}

/** A text as a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

if (import.meta.main) {
  for (const { file, text } of referencePages()) writeFileSync(join(FOLDER, file), text)
  for (const file of stalePages()) rmSync(join(FOLDER, file))
  console.log(`wrote ${referencePages().length} pages`)
}
