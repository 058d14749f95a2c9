import { generateKeyPairSync } from 'node:crypto'
import type { Vault } from '../../lib/vault.ts'
import type { AcmeAccount, AcmeChallenge, ManagedCertificate } from '../../model/managed-certificate.ts'

/** Gets certificates from an authority (ACME, RFC 8555). The library is loaded when there is something to get. */

/** What getting a certificate takes. */
export interface AcmeParts {
  readonly vault: Pick<Vault, 'open' | 'seal'>
  /** Where the authority may write about certificates that end; empty for nowhere. */
  readonly email: string
  readonly account: AcmeAccount | null
  onAccount(account: AcmeAccount): Promise<void>
  /** Has the gateway answer a challenge, from when it resolves. */
  show(challenge: AcmeChallenge): Promise<void>
  hide(challenge: AcmeChallenge): Promise<void>
}

/** A chain and its key, in clear. */
export interface Obtained {
  readonly chain: string
  readonly key: string
}

const POLLS = { backoffAttempts: 10, backoffMin: 1_000, backoffMax: 15_000 }

/** Gets a certificate. Rejects with why that came to nothing. */
export async function obtainCertificate(wanted: ManagedCertificate, parts: AcmeParts): Promise<Obtained> {
  const { default: acme } = await import('acme-client')
  const client = await signIn(wanted.directoryUrl, parts)
  const order = await client.createOrder({
    identifiers: wanted.domains.map((value) => ({ type: 'dns', value })),
  })
  for (const authorization of await client.getAuthorizations(order)) {
    if (authorization.status === 'valid') continue
    const challenge = authorization.challenges.find(({ type }) => type === wanted.challenge)
    if (challenge === undefined)
      throw new Error(`The authority offers no ${wanted.challenge} for ${authorization.identifier.value}.`)
    const answer = await client.getChallengeKeyAuthorization(challenge)
    const shown = await challengeOf(wanted, authorization, challenge.token, answer, parts)
    await parts.show(shown)
    try {
      await client.completeChallenge(challenge)
      await client.waitForValidStatus(challenge)
    } finally {
      await parts.hide(shown)
    }
  }
  const key = newKey()
  const [, csr] = await acme.crypto.createCsr({ altNames: wanted.domains }, key)
  const finalized = await client.finalizeOrder(order, csr)
  return { chain: await client.getCertificate(finalized), key }
}

async function signIn(directoryUrl: string, { vault, email, account, onAccount }: AcmeParts) {
  const { default: acme } = await import('acme-client')
  const accountKey = account === null ? newKey() : vault.open(account.sealedKey)
  const known = account === null ? {} : { accountUrl: account.url }
  const client = new acme.Client({ directoryUrl, accountKey, ...known, ...POLLS })
  if (account !== null) return client
  await client.createAccount({
    termsOfServiceAgreed: true,
    ...(email !== '' && { contact: [`mailto:${email}`] }),
  })
  await onAccount({ directoryUrl, url: client.getAccountUrl(), sealedKey: vault.seal(accountKey) })
  return client
}

async function challengeOf(
  { challenge }: ManagedCertificate,
  authorization: Parameters<typeof import('acme-client').crypto.createAlpnCertificate>[0],
  token: string,
  answer: string,
  { vault }: AcmeParts,
): Promise<AcmeChallenge> {
  const domain = authorization.identifier.value
  if (challenge === 'http-01') return { type: 'http-01', domain, token, answer }
  const { default: acme } = await import('acme-client')
  // What the library gives for this kind is the digest; the extension takes it as it is.
  const [key, chain] = await acme.crypto.createAlpnCertificate(authorization, answer, newKey())
  return { type: 'tls-alpn-01', domain, chain: chain.toString(), sealedKey: vault.seal(key.toString()) }
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
