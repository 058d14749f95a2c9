/** A field of something that was changed, by its JSON Pointer; undefined where it was or is not there. */
export interface FieldChange {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
  readonly isDifferent: boolean
}

/** Both versions, field by field, in the order in which they are met. Lists and records are gone into; empty ones are values. */
export function fieldChanges(before: unknown, after: unknown): FieldChange[] {
  const [was, is] = [leavesOf(before), leavesOf(after)]
  const paths = [...new Set([...was.keys(), ...is.keys()])]
  return paths.map((path) => {
    const [old, now] = [was.get(path), is.get(path)]
    return { path, before: old, after: now, isDifferent: JSON.stringify(old) !== JSON.stringify(now) }
  })
}

function leavesOf(value: unknown): Map<string, unknown> {
  const leaves = new Map<string, unknown>()
  const walk = (part: unknown, path: string) => {
    const members = typeof part === 'object' && part !== null ? Object.entries(part) : []
    if (members.length === 0) leaves.set(path, part)
    for (const [name, member] of members) walk(member, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
  }
  if (value !== null && value !== undefined) walk(value, '')
  return leaves
}

/** What users do to themselves. */
const OF_ONESELF: ReadonlySet<string> = new Set(['log-in', 'log-out', 'change-password'])

/** What an entry says of the thing that it is about. */
interface Told {
  readonly actor: string
  readonly action: string
  readonly kind: string
  readonly objectId: string
  readonly serviceId: string | null
  readonly service: string | null
  readonly before?: unknown
  readonly after?: unknown
}

/** What a thing is called, as far as the entry says so. */
export function nameOf({ actor, action, kind, objectId, serviceId, service, before, after }: Told): string {
  for (const value of [after, before]) {
    if (typeof value !== 'object' || value === null) continue
    for (const member of ['name', 'path', 'verb', 'type'])
      if (member in value) {
        const found: unknown = Reflect.get(value, member)
        if (typeof found === 'string') return found
      }
    // A deployment has nothing but a number.
    if ('number' in value && typeof value.number === 'number') return `#${value.number}`
  }
  // What is of a service as a whole, such as its gateway responses, goes by its name.
  if (objectId === serviceId && service !== null) return service
  if (kind === 'user' && OF_ONESELF.has(action)) return actor
  // What is named within something else, as an alert rule within its stage, goes by its own name.
  return objectId.slice(objectId.lastIndexOf('/') + 1)
}
