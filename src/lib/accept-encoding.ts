/** Negotiation of content codings (RFC 9110, section 12.5.3). */

const MAX_CODINGS = 32
const WEIGHT = /^\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*$/i

/**
 * Makes what picks one of the codings on offer for an `Accept-Encoding`: that of the highest weight, among equals the first.
 * Undefined where none of them is accepted, or the client would rather have none.
 */
export function codingChooser<Name extends string>(offered: readonly Name[]): (accept: string) => Name | undefined {
  return (accept) => {
    if (accept === '') return undefined
    const weights = parseWeights(accept)
    const others = weights.get('*') ?? 0
    let best: Name | undefined
    // What the client says of no coding at all counts only where it says it: it is acceptable, but not what it asks for.
    let bestWeight = weights.get('identity') ?? 0
    for (const name of offered) {
      const weight = weights.get(name) ?? others
      if (weight === 0 || weight < bestWeight || (best !== undefined && weight === bestWeight)) continue
      best = name
      bestWeight = weight
    }
    return best
  }
}

/** The weights by coding, in lower case. A coding whose weight is malformed is not wanted. */
function parseWeights(accept: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const entry of accept.toLowerCase().split(',', MAX_CODINGS)) {
    const [coding = '', weight, ...others] = entry.split(';')
    const name = coding.trim()
    if (name === '') continue
    const value = weight === undefined ? '1' : others.length === 0 ? WEIGHT.exec(weight)?.[1] : undefined
    // The name by which the oldest clients call it (section 8.4.1.3).
    weights.set(name === 'x-gzip' ? 'gzip' : name, Number(value ?? 0))
  }
  return weights
}
