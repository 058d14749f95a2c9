import { constants, hash } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { chainFacts } from '../../lib/certificate-chain.ts'
import { NameTable } from '../../lib/name-table.ts'
import type { Vault } from '../../lib/vault.ts'
import { byPreference, type LiveCertificate } from '../../model/certificate.ts'
import { isLocalName, issueLocally, type LocalAuthority } from './local-authority.ts'

/** What TLS is to do. */
export interface TlsOptions {
  readonly minVersion: '1.2' | '1.3'
  readonly maxVersion: '1.2' | '1.3'
  /** Domain below which the local authority vouches for names. */
  readonly baseDomain: string
}

/** What a connection gets. */
export interface Identity {
  readonly context: SecureContext
  /** Whether the client is asked for a certificate. */
  readonly isClientAsked: boolean
}

/** Forward secrecy and authenticated encryption, or nothing; the ciphers of TLS 1.3 are all such. */
const CIPHERS =
  'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305'
/** How long a session may be taken up again, in seconds; at most until the keys of the tickets change. */
const SESSION_SECONDS = 7_200
const TICKET_KEY_BYTES = 48

/** A certificate, and what has been made of it. */
interface Known {
  readonly id: string
  readonly chain: string
  readonly isDefault: boolean
  /** The private key in clear. */
  openKey(): string
  /** By the authorities that clients are asked for. */
  readonly identities: Map<string, Identity>
}

/**
 * The certificates of a worker, chosen by the name that a client asks for: the most specific name wins. Contexts of TLS are
 * made when they are first needed. A change takes effect with the next handshake; open connections keep what they have.
 */
export class Certificates {
  private readonly options: TlsOptions
  private readonly vault: Pick<Vault, 'open'>
  private readonly now: () => number
  private readonly all = new Map<string, Known>()
  private names = new NameTable<Known>([])
  private fallback: Known | null = null
  private local: LocalAuthority | null = null
  /** Of the local authority, by name. */
  private readonly issued = new Map<string, Known>()
  private ticketKeys: Buffer

  constructor(options: TlsOptions, ticketKeys: Buffer, vault: Pick<Vault, 'open'>, now: () => number) {
    this.options = options
    this.vault = vault
    this.now = now
    this.ticketKeys = ticketKeys
  }

  /** Puts all of them in at once. */
  load(certificates: readonly LiveCertificate[], authority: LiveCertificate | null): void {
    for (const certificate of certificates) this.all.set(certificate.id, this.known(certificate))
    if (authority !== null) {
      const key = this.vault.open(authority.sealedKey)
      this.local = { certificate: authority.chain, key, baseDomain: this.options.baseDomain }
    }
    this.index()
  }

  /** Puts one in, or in the place of its former self. Throws where TLS does not take it: then nothing has changed. */
  put(certificate: LiveCertificate): void {
    const known = this.known(certificate)
    this.identityOf(known, [])
    this.all.set(certificate.id, known)
    this.index()
  }

  remove(id: string): void {
    this.all.delete(id)
    this.index()
  }

  /** From now on tickets are made with these keys; those of before are no longer taken. */
  setTicketKeys(keys: Buffer): void {
    if (keys.length !== TICKET_KEY_BYTES) throw new Error(`keys of tickets have ${TICKET_KEY_BYTES} bytes`)
    this.ticketKeys = keys
    for (const known of this.all.values()) known.identities.clear()
    this.issued.clear()
  }

  /**
   * What a client gets that asks for `serverName` (empty for none), and is to show a certificate by one of `authorities`, in
   * PEM. `isServed`: whether a stage is served under the name, which alone is worth a certificate of our own making. Null
   * where there is no certificate at all.
   */
  find(serverName: string, authorities: readonly string[], isServed: boolean): Identity | null {
    const known =
      this.names.find(serverName) ??
      this.localFor(serverName, isServed) ??
      this.fallback ??
      this.localFor('localhost', true)
    return known === null ? null : this.identityOf(known, authorities)
  }

  private known({ id, chain, sealedKey, isDefault }: LiveCertificate): Known {
    return { id, chain, isDefault, openKey: () => this.vault.open(sealedKey), identities: new Map() }
  }

  /** Of several certificates for one name the one that clients can rely on for the longest time. */
  private index(): void {
    const sorted = [...this.all.values()]
      .map((known) => ({ known, facts: chainFacts(known.chain) }))
      .sort((a, b) => byPreference(a.facts, b.facts))
    this.names = new NameTable(sorted.flatMap(({ known, facts }) => facts.names.map((name) => [name, known] as const)))
    this.fallback = sorted.findLast(({ known }) => known.isDefault)?.known ?? null
  }

  private localFor(name: string, isServed: boolean): Known | null {
    const { local } = this
    if (local === null || !isLocalName(name, local.baseDomain)) return null
    if (!isServed && name !== 'localhost' && name !== local.baseDomain) return null
    const made = this.issued.get(name)
    if (made !== undefined) return made
    const { chain, key } = issueLocally(local, name, this.now())
    const known: Known = { id: `local ${name}`, chain, isDefault: false, openKey: () => key, identities: new Map() }
    this.issued.set(name, known)
    return known
  }

  private identityOf(known: Known, authorities: readonly string[]): Identity {
    const by = authorities.length === 0 ? '' : hash('sha256', authorities.join('\n'))
    const made = known.identities.get(by)
    if (made !== undefined) return made
    const identity = this.createIdentity(known, by, authorities)
    known.identities.set(by, identity)
    return identity
  }

  private createIdentity(known: Known, by: string, authorities: readonly string[]): Identity {
    const isClientAsked = authorities.length > 0
    const options: SecureContextOptions = {
      cert: known.chain,
      key: known.openKey(),
      ciphers: CIPHERS,
      honorCipherOrder: true,
      minVersion: `TLSv${this.options.minVersion}`,
      maxVersion: `TLSv${this.options.maxVersion}`,
      sessionTimeout: SESSION_SECONDS,
      ticketKeys: this.ticketKeys,
      // A session is only taken up again by whoever would do the whole handshake in the same way.
      sessionIdContext: hash('sha256', `${known.id}\n${by}`).slice(0, 32),
      // A session that is taken up again has the client's certificate, but not those that it came with.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (isClientAsked ? constants.SSL_OP_NO_TICKET : 0),
      // An authority of the list may be one that another has signed, whom nobody here knows.
      ...(isClientAsked && { ca: [...authorities], allowPartialTrustChain: true }),
    }
    return { context: createSecureContext(options), isClientAsked }
  }
}
