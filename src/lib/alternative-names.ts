/** Names in a certificate, besides its subject (RFC 5280, section 4.2.1.6). */
export interface AlternativeNames {
  /** Host names in lower case, wildcards among them. */
  readonly dns: readonly string[]
  readonly addresses: readonly string[]
  readonly uris: readonly string[]
  readonly emails: readonly string[]
}

const NAME = /(?:^|, )(DNS|IP Address|URI|email):("(?:[^"\\]|\\.)*"|[^,]*)/g

/** Reads names as `X509Certificate.subjectAltName` writes them: what could be mistaken for more than one is quoted as JSON. */
export function alternativeNames(text: string | undefined): AlternativeNames {
  const found = [...(text ?? '').matchAll(NAME)].map(([, kind = '', value = '']) => ({ kind, value: unquoted(value) }))
  const of = (kind: string) => found.filter((name) => name.kind === kind).map(({ value }) => value)
  return {
    dns: of('DNS').map((name) => name.toLowerCase()),
    addresses: of('IP Address'),
    uris: of('URI'),
    emails: of('email'),
  }
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value
  const text: unknown = JSON.parse(value)
  return typeof text === 'string' ? text : value
}
