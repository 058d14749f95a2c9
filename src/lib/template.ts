/** One reading of a template: literal text, or a reference to a variable. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly source: string; readonly emptyWhenUnset: boolean }

const REFERENCE = /\$(!?)\{([^{}]*)\}/g

/** Cuts a template into its parts. `${name}` stays as written where `name` has no value; `$!{name}` becomes empty. */
export function parseTemplate(template: string): TemplatePart[] {
  const parts: TemplatePart[] = []
  let end = 0
  for (const match of template.matchAll(REFERENCE)) {
    if (match.index > end) parts.push({ kind: 'text', text: template.slice(end, match.index) })
    parts.push({ kind: 'variable', name: match[2] ?? '', source: match[0], emptyWhenUnset: match[1] === '!' })
    end = match.index + match[0].length
  }
  if (end < template.length) parts.push({ kind: 'text', text: template.slice(end) })
  return parts
}

/** A template ready to run: text in, from whatever the variables read. */
export type Template<Scope> = (scope: Scope) => string

/** Reads one variable; undefined where it has no value. */
export type Variable<Scope> = (scope: Scope) => string | undefined

/**
 * Compiles a template once, so that running it is only concatenation.
 *
 * `resolve` finds the reader of a variable by its name, or null if no such variable exists; then the reference stays as
 * written. `encode` is applied to each value that is put in (percent-encoding for a path, say), never to the text.
 */
export function compileTemplate<Scope>(
  template: string,
  resolve: (name: string) => Variable<Scope> | null,
  encode?: (value: string, name: string) => string,
): Template<Scope> {
  const parts = parseTemplate(template).map((part) => compilePart(part, resolve, encode))
  const [first, second] = parts
  if (first === undefined) return () => ''
  if (second === undefined) return first
  return (scope) => {
    let text = ''
    for (const part of parts) text += part(scope)
    return text
  }
}

function compilePart<Scope>(
  part: TemplatePart,
  resolve: (name: string) => Variable<Scope> | null,
  encode?: (value: string, name: string) => string,
): Template<Scope> {
  if (part.kind === 'text') return () => part.text
  const read = resolve(part.name)
  const unset = part.emptyWhenUnset ? '' : part.source
  if (read === null) return () => unset
  return (scope) => {
    const value = read(scope)
    if (value === undefined) return unset
    return encode ? encode(value, part.name) : value
  }
}
