import type { X509Certificate } from 'node:crypto'
import { Type } from '#bundles/typebox'
import { alternativeNames } from '../lib/alternative-names.ts'
import { oneLine, readCertificates } from '../lib/certificate-chain.ts'
import { type CertificatePath, findPath } from '../lib/certificate-path.ts'
import { consumerFields, identify } from './authentication.ts'
import { parseRule, RULE_KINDS } from './mtls-rules.ts'
import { definePlugin, type Exchange, type PeerCertificates, type Reply, type VerifiedCertificate } from './plugin.ts'

/** Of nobody: its key was thrown away. */
const EXAMPLE_AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBVzCB/aADAgECAhBMjOUclRbJHHSNMXhSjtEBMAoGCCqGSM49BAMCMBoxGDAW
BgNVBAMMD0V4YW1wbGUgQ2xpZW50czAgFw0yNjAxMDEwMDAwMDBaGA8yMTI1MTIz
MTAwMDAwMFowGjEYMBYGA1UEAwwPRXhhbXBsZSBDbGllbnRzMFkwEwYHKoZIzj0C
AQYIKoZIzj0DAQcDQgAEipHmKHloySQUgLkT/hkFfPKo0RxGrzw+GZiny5P1xT0R
or8wSgVU66P6nBv4YXYWOgIWN1nwrO9guEeM6BcUpqMjMCEwDwYDVR0TAQH/BAUw
AwEB/zAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZIzj0EAwIDSQAwRgIhANHG4s7H96cb
fHRK6Ea+VIkIQheBj47rC3Fp/nuOYmUEAiEAmlMgptEXMvvk6kZWsTKIxDf0e3K5
meTLzbipMvago4Y=
-----END CERTIFICATE-----
`

/** What was found out about the certificates of a connection, by the plugin's settings: once per connection. */
interface Verdict {
  /** Why the client may not pass; null where it may. */
  readonly refusal: Reply | null
  readonly certificate: VerifiedCertificate
  readonly path: CertificatePath
}

export const mtls = definePlugin({
  name: 'mtls',
  summary: 'Lets clients in by their TLS certificates.',
  docs: `TLS asks clients for a certificate only on the hosts of stages that have this plugin on some route. Who shows none, or one that is not taken, gets an answer that says so, not a broken handshake:

| What comes | Answer |
| --- | --- |
| a request by plain HTTP, or from a proxy that ends TLS itself | 403 |
| a connection that was opened for another host, or before the plugin was deployed | 421; the connection ends, and a new one is asked |
| no certificate | 403 |
| one that has expired, is not by the authorities, or cannot be verified | 403 |
| one that no rule of \`allow\` takes | 403 |

The client must send the certificates between its own and the authority; an authority of the list may be an intermediate one. A rule is \`KIND:PATTERN\`, where \`*\` stands for any characters: \`cn:\`, \`subject:\` (as \`CN=alice, O=Example\`), \`dns:\`, \`uri:\`, \`email:\`, \`ip:\`, \`fingerprint:\` (SHA-256). One that fits is enough.

Whoever passes is the consumer: the id is the subject, the name its common name. \`client.certificate.subject\`, \`.commonName\`, \`.issuer\`, \`.serialNumber\`, \`.fingerprint\` (SHA-256) and \`.san\` are context variables from there on. \`Client-Cert\` and \`Client-Cert-Chain\` (RFC 9440) from clients are dropped on all routes; with \`forward\` the backend gets the verified one. Sessions of TLS are not resumed on such hosts: each connection shows its certificate anew. Revocation lists are not read: use short-lived certificates, or \`allow\`. HTTPS has a [guide](../guides/https.md).`,
  phase: 'authenticate',
  attach: ['stage', 'path', 'method'],
  config: Type.Object(
    {
      authorities: Type.String({
        title: 'Authorities',
        description: 'Certificates, in PEM, of those by whom the certificates of clients are signed.',
        minLength: 1,
        maxLength: 262_144,
        examples: [EXAMPLE_AUTHORITY],
      }),
      allow: Type.Array(Type.String({ minLength: 1, maxLength: 512 }), {
        title: 'Allow',
        description: 'Whose certificates are taken; all that the authorities have signed where it is empty.',
        default: [],
        maxItems: 1_000,
        examples: [['uri:spiffe://example.com/shop/*', 'cn:billing']],
      }),
      forward: Type.Boolean({
        title: 'Forward',
        description: 'Whether the backend gets the certificate, as `Client-Cert` (RFC 9440).',
        default: false,
        examples: [true],
      }),
      ...consumerFields,
    },
    { additionalProperties: false },
  ),

  authoritiesOf: ({ authorities }) => [authorities],

  check({ authorities, allow }) {
    const { certificates, problem } = readCertificates(authorities)
    const unfit = certificates.find((certificate) => !certificate.ca && !certificate.checkIssued(certificate))
    return [
      ...(problem === null ? [] : [{ path: '/authorities', message: problem }]),
      ...(unfit === undefined || unfit.subject === unfit.issuer
        ? []
        : [
            {
              path: '/authorities',
              message: `"${oneLine(unfit.subject)}" is not an authority: it cannot sign certificates of others.`,
            },
          ]),
      ...allow.flatMap((rule, i) =>
        parseRule(rule) === null
          ? [
              {
                path: `/allow/${i}`,
                message: `"${rule}" is not a rule: write KIND:PATTERN, with one of ${RULE_KINDS.join(', ')}.`,
              },
            ]
          : [],
      ),
    ]
  },

  create({ authorities: pem, allow, forward, groups }, { now }) {
    const authorities = readCertificates(pem).certificates
    const rules = allow.flatMap((rule) => parseRule(rule) ?? [])
    const verdicts = new WeakMap<PeerCertificates, Verdict>()

    const judge = ({ chain }: PeerCertificates, leaf: X509Certificate): Verdict => {
      const certificate = describe(leaf)
      const path = findPath(chain, authorities)
      const isTaken = rules.length === 0 || rules.some((rule) => rule(certificate))
      const refusal: Reply | null =
        path === null ? { reply: 'mtls-invalid' } : isTaken ? null : { reply: 'mtls-denied' }
      return { refusal, certificate, path: path ?? { from: 0, until: 0 } }
    }

    return {
      onRequest(x) {
        if (x.tls === null) return { reply: 'mtls-no-tls' }
        const { client } = x.tls
        // Another host of the same connection may know other authorities.
        if (client === null || (client.error !== null && isForAnother(x))) return { reply: 'mtls-misdirected' }
        const [leaf] = client.chain
        if (leaf === undefined) return { reply: isForAnother(x) ? 'mtls-misdirected' : 'mtls-missing' }
        if (client.error !== null) return { reply: 'mtls-invalid', detail: reasonOf(client.error) }
        let verdict = verdicts.get(client)
        if (verdict === undefined) {
          verdict = judge(client, leaf)
          verdicts.set(client, verdict)
        }
        const { refusal, certificate, path } = verdict
        if (refusal !== null) return refusal
        // Connections can outlive certificates.
        const time = now()
        if (time < path.from || time >= path.until)
          return { reply: 'mtls-invalid', detail: reasonOf('CERT_HAS_EXPIRED') }
        x.certificate = certificate
        identify(x, { id: certificate.subject, name: certificate.commonName || certificate.subject, groups })
        if (forward) x.request.headers.set('Client-Cert', `:${leaf.raw.toString('base64')}:`)
        return undefined
      },
    }
  },
})

/** Whether the connection was opened for another host than the one that is asked now. */
function isForAnother({ tls, request }: Exchange): boolean {
  return tls !== null && tls.serverName !== request.host.toLowerCase().replace(/:\d*$/, '')
}

function reasonOf(code: string): string {
  return `The client certificate is not one that is taken (${code}).`
}

function describe(leaf: X509Certificate): VerifiedCertificate {
  const subject = oneLine(leaf.subject)
  const { dns, uris, emails, addresses } = alternativeNames(leaf.subjectAltName)
  return {
    subject,
    commonName: /^CN=(.*)$/m.exec(leaf.subject)?.[1] ?? '',
    issuer: oneLine(leaf.issuer),
    serialNumber: leaf.serialNumber,
    fingerprint: leaf.fingerprint256,
    names: leaf.subjectAltName ?? '',
    dns,
    uris,
    emails,
    addresses,
  }
}
