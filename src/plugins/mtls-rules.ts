import type { VerifiedCertificate } from './plugin.ts'

/** Rules about whose certificates are taken: what to look at, and how it must look. */

/** What a rule can look at. */
const readers: Readonly<Record<string, (certificate: VerifiedCertificate) => readonly string[]>> = {
  cn: ({ commonName }) => (commonName === '' ? [] : [commonName]),
  subject: ({ subject }) => [subject],
  dns: ({ dns }) => dns,
  uri: ({ uris }) => uris,
  email: ({ emails }) => emails,
  ip: ({ addresses }) => addresses,
  fingerprint: ({ fingerprint }) => [fingerprint],
}

export const RULE_KINDS = Object.keys(readers)

export type Rule = (certificate: VerifiedCertificate) => boolean

/** Makes a rule of `KIND:PATTERN`, where `*` stands for any characters; null for what is not one. */
export function parseRule(text: string): Rule | null {
  const colon = text.indexOf(':')
  const kind = text.slice(0, colon)
  const pattern = text.slice(colon + 1)
  const read = Object.hasOwn(readers, kind) ? readers[kind] : undefined
  if (colon === -1 || read === undefined || pattern === '') return null
  // What these are for is compared without case; names of people and workloads are not.
  const isFolded = kind === 'dns' || kind === 'fingerprint' || kind === 'email'
  const fold = (value: string) => (isFolded ? value.toLowerCase() : value)
  const pieces = fold(pattern).split('*')
  return (certificate) => read(certificate).some((value) => matches(fold(value), pieces))
}

/** Whether a text is made of these pieces in their order, with anything between them. One pass, whatever the text. */
function matches(text: string, pieces: readonly string[]): boolean {
  const [first = ''] = pieces
  if (pieces.length === 1) return text === first
  const last = pieces.at(-1) ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  const end = text.length - last.length
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at)
    if (found === -1 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}
