/** Request targets: made of a route, its path variables and a query; and taken apart again. */

/** A name and its value, as often as they are there. */
export interface Pair {
  readonly name: string
  readonly value: string
}

/** The names of the path variables of a pattern: `/a/{id}/{rest+}` has `id` and `rest`. */
export function variablesOf(pattern: string): string[] {
  return [...pattern.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name = '']) => name)
}

/** A path of a pattern. A variable of several segments keeps its slashes; one without a value stands as its name. */
export function fillPattern(pattern: string, values: Readonly<Record<string, string>>): string {
  return pattern.replaceAll(/\{([^}+]+)(\+?)\}/g, (whole, name: string, plus: string) => {
    const value = values[name] ?? ''
    if (value === '') return encodeURIComponent(whole)
    return plus === '' ? encodeURIComponent(value) : value.split('/').map(encodeURIComponent).join('/')
  })
}

/** The values with which a pattern makes a path; null where it cannot. */
export function matchPattern(pattern: string, path: string): Record<string, string> | null {
  const source = pattern
    .split(/(\{[^}]+\})/)
    .map((part) => (part.startsWith('{') ? (part.endsWith('+}') ? '(.+)' : '([^/]+)') : escapeText(part)))
    .join('')
  const match = new RegExp(`^${source}$`).exec(path)
  if (match === null) return null
  const values = match.slice(1).map(decoded)
  return Object.fromEntries(variablesOf(pattern).map((name, i) => [name, placeholderless(values[i] ?? '')]))
}

const escapeText = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** A variable that had no value yet stood as its own name. */
const placeholderless = (value: string) => (/^\{[^}]+\}$/.test(value) ? '' : value)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // What is no encoding is taken as it is: the gateway says what it thinks of it.
    return text
  }
}

/** A target: path, and query where there is one. */
export function targetOf(path: string, query: readonly Pair[]): string {
  const said = query.filter(({ name }) => name !== '')
  if (said.length === 0) return path
  return `${path}?${said.map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')}`
}

/** A target as its path, and the pairs of its query. */
export function splitTarget(target: string): { readonly path: string; readonly query: Pair[] } {
  const mark = target.indexOf('?')
  if (mark === -1) return { path: target, query: [] }
  const pairs = target
    .slice(mark + 1)
    .split('&')
    .filter((pair) => pair !== '')
  return {
    path: target.slice(0, mark),
    query: pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return { name: decoded(name), value: decoded(value.join('=').replaceAll('+', ' ')) }
    }),
  }
}
