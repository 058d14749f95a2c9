import { type Static, Type } from '#bundles/typebox'
import { type HeaderList, isFieldName, isFieldValue } from '../lib/headers/header-list.ts'
import { RepeatedField } from '../lib/headers/ready-field.ts'
import type { Exchange, Problem } from './plugin.ts'
import { TEMPLATE_MARK } from './template-mark.ts'
import { checkTemplate, compileValue } from './variables.ts'

/** Changes to header fields, as the transformers have them: set, add, rename, remove, in this order. */

/** Fields that frame the message or belong to one connection: nobody but the gateway may touch them. */
export const RESERVED: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'trailer',
  'upgrade',
  'te',
  'proxy-connection',
  'expect',
  'via',
])

export const Fields = (title: string, description: string) =>
  Type.Record(Type.String(), Type.String({ maxLength: 8192, [TEMPLATE_MARK]: true }), {
    title,
    description,
    default: {},
    examples: [{ 'x-stage': '${stage.name}' }],
  })

export const Names = (title: string, description: string) =>
  Type.Array(Type.String({ maxLength: 256 }), { title, description, default: [], examples: [['x-internal']] })

const fields = {
  set: Fields('Set', 'One value in the place of all of this name.'),
  add: Fields('Add', 'One more value beside those that are there.'),
  rename: Type.Record(Type.String(), Type.String({ maxLength: 256 }), {
    title: 'Rename',
    description: 'Old name to new name.',
    default: {},
    examples: [{ 'x-user': 'x-account' }],
  }),
  remove: Names('Remove', 'Names that shall not be there.'),
}
type HeaderChanges = Static<ReturnType<typeof HeaderChanges>>

/** The schema of header changes. */
export function HeaderChanges(description: string) {
  return Type.Object(fields, {
    title: 'Headers',
    description,
    default: {},
    additionalProperties: false,
    examples: [{ set: { 'x-stage': '${stage.name}' } }],
  })
}

/** Everything wrong with header changes; `at` is the JSON Pointer of where they stand. */
export function checkHeaderChanges(
  { set, add, rename, remove }: HeaderChanges,
  at: string,
  pathVariables: readonly string[],
): Problem[] {
  const written = (changes: Record<string, string>, how: string) =>
    Object.entries(changes).flatMap(([name, value]) => {
      const path = pointer(`${at}/${how}`, name)
      return [...checkName(name, path), ...checkTemplate(value, path, pathVariables)]
    })
  return [
    ...written(set, 'set'),
    ...written(add, 'add'),
    ...Object.entries(rename).flatMap(([from, to]) =>
      [from, to].flatMap((name) => checkName(name, pointer(`${at}/rename`, from))),
    ),
    ...remove.flatMap((name, i) => checkName(name, `${at}/remove/${i}`)),
  ]
}

/** One change, compiled. Returns the name of a field whose value could not go on a wire, else null. */
export type HeaderStep = (x: Exchange, headers: HeaderList) => string | null

/** Compiles header changes, in their order. */
export function compileHeaderChanges({ set, add, rename, remove }: HeaderChanges): HeaderStep[] {
  const write = (changes: Record<string, string>, how: 'set' | 'add') =>
    Object.entries(changes).map(([name, template]): HeaderStep => {
      const value = compileValue(template)
      const field = new RepeatedField(name)
      // Most values are the same as the one before: it is checked once.
      let checked = ''
      return (x, headers) => {
        const text = value(x)
        if (text !== checked) {
          if (!isFieldValue(text)) return name
          checked = text
        }
        if (how === 'set') field.put(headers, text)
        else field.push(headers, text)
        return null
      }
    })
  return [
    ...write(set, 'set'),
    ...write(add, 'add'),
    ...Object.entries(rename).map(([from, to]): HeaderStep => {
      const key = from.toLowerCase()
      return (_, headers) => {
        headers.rename(key, to)
        return null
      }
    }),
    ...remove.map((name): HeaderStep => {
      const key = name.toLowerCase()
      return (_, headers) => {
        headers.remove(key)
        return null
      }
    }),
  ]
}

/** What is wrong with the name of a header that others than the gateway set. */
export function checkName(name: string, path: string): Problem[] {
  if (!isFieldName(name)) return [{ path, message: `"${name}" is not a header name: use letters, digits and hyphens.` }]
  if (RESERVED.has(name.toLowerCase()))
    return [{ path, message: `"${name}" is set by the gateway itself and cannot be changed.` }]
  return []
}

/** The JSON Pointer of a member (RFC 6901). */
export function pointer(at: string, name: string): string {
  return `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
