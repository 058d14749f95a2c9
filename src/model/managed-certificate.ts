import { type Static, Type } from '#bundles/typebox'
import { EXPECTED } from '../lib/expected.ts'
import { CertificateName } from './certificate.ts'
import { Id } from './id.ts'

/** How an authority is shown that a name is ours (RFC 8555, section 8.3; RFC 8737). */
export const challengeTypes = ['http-01', 'tls-alpn-01'] as const
export type ChallengeType = (typeof challengeTypes)[number]

/** A certificate that the program gets from an authority by itself (ACME, RFC 8555), and renews. */
export const ManagedCertificate = Type.Object({
  id: Id,
  name: CertificateName,
  domains: Type.Array(
    Type.String({
      pattern: '^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$',
      [EXPECTED]: 'a host name in lower case, with a dot in it',
      examples: ['api.example.com'],
    }),
    {
      title: 'Domains',
      description: 'Host names that it is for. Each must lead to this gateway; wildcards cannot be had in this way.',
      minItems: 1,
      maxItems: 100,
    },
  ),
  challenge: Type.Enum([...challengeTypes], {
    title: 'Challenge',
    description:
      'How the authority is shown that the names are ours: `http-01` asks port 80, `tls-alpn-01` port 443, which must lead to ours.',
    default: 'http-01',
  }),
  directoryUrl: Type.String({ title: 'Directory', description: 'URL of the authority.' }),
  state: Type.Enum(['pending', 'issued', 'failing'], {
    title: 'State',
    description: '`pending`: not got yet; `issued`: there is one; `failing`: the last attempt came to nothing.',
  }),
  failures: Type.Integer({ title: 'Failures', description: 'Attempts in a row that came to nothing.' }),
  lastError: Type.Union([Type.String(), Type.Null()], {
    title: 'Last error',
    description: 'Why the last attempt came to nothing; null where it did not.',
  }),
  nextAttemptAt: Type.String({
    title: 'Next attempt',
    description: 'When it is got, renewed or tried again: ISO 8601, UTC.',
  }),
  createdAt: Type.String({ title: 'Created', description: 'ISO 8601, UTC.' }),
})
export type ManagedCertificate = Static<typeof ManagedCertificate>

/** An account with an authority. */
export interface AcmeAccount {
  readonly directoryUrl: string
  /** What the authority calls it. */
  readonly url: string
  readonly sealedKey: string
}

/** What an authority is to find, while it looks whether a name is ours. */
export type AcmeChallenge =
  | { readonly type: 'http-01'; readonly domain: string; readonly token: string; readonly answer: string }
  | { readonly type: 'tls-alpn-01'; readonly domain: string; readonly chain: string; readonly sealedKey: string }
