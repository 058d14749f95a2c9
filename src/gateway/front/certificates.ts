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
/** Of these the first are their name, with which each ticket begins. */
const TICKET_KEY_NAME_BYTES = 16

/** A certificate, and what has been made of it. */
interface Known {
  readonly id: string
  readonly chain: string
  readonly isDefault: boolean
  /** The private key in clear. */
  openKey(): string
  /** By the authorities that clients are asked for. */
  readonly identities: Map<string, Identity>
  /** The same, with the keys of tickets from before the last change. */
  readonly formerIdentities: Map<string, Identity>
}

/** The keys of session tickets. */
interface TicketKeys {
  readonly bytes: Buffer
  /** In Latin-1. */
  readonly name: string
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
  private ticketKeys: TicketKeys
  /** From before the last change. */
  private formerKeys: TicketKeys | null

  /** `formerKeys`: those whose tickets are still taken; null where there are none. */
  constructor(
    options: TlsOptions,
    ticketKeys: Buffer,
    formerKeys: Buffer | null,
    vault: Pick<Vault, 'open'>,
    now: () => number,
  ) {
    this.options = options
    this.vault = vault
    this.now = now
    this.ticketKeys = named(ticketKeys)
    this.formerKeys = formerKeys === null ? null : named(formerKeys)
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
    this.identityOf(known, [], '')
    this.all.set(certificate.id, known)
    this.index()
  }

  remove(id: string): void {
    this.all.delete(id)
    this.index()
  }

  /** From now on tickets are made with these keys. Those of the keys before are still taken, older ones no longer. */
  setTicketKeys(keys: Buffer): void {
    const next = named(keys)
    this.formerKeys = this.ticketKeys
    this.ticketKeys = next
    for (const { identities, formerIdentities } of this.all.values()) {
      formerIdentities.clear()
      for (const [by, identity] of identities) formerIdentities.set(by, identity)
      identities.clear()
    }
    this.issued.clear()
  }

  /**
   * What a client gets that asks for `serverName` (empty for none), and is to show a certificate by one of `authorities`, in
   * PEM. `isServed`: whether a stage is served under the name, which alone is worth a certificate of our own making.
   * `ticketKey`: the name of the key of the ticket that it brings, or empty. Null where there is no certificate at all.
   */
  find(serverName: string, authorities: readonly string[], isServed: boolean, ticketKey = ''): Identity | null {
    const known =
      this.names.find(serverName) ??
      this.localFor(serverName, isServed) ??
      this.fallback ??
      this.localFor('localhost', true)
    return known === null ? null : this.identityOf(known, authorities, ticketKey)
  }

  private known({ id, chain, sealedKey, isDefault }: LiveCertificate): Known {
    return knownAs(id, chain, isDefault, () => this.vault.open(sealedKey))
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
    const known = knownAs(`local ${name}`, chain, false, () => key)
    this.issued.set(name, known)
    return known
  }

  /**
   * A context of TLS has one set of keys. So a client with a ticket of the former ones gets a context that has those; what new
   * tickets it is given are of them, too, and end with them.
   */
  private identityOf(known: Known, authorities: readonly string[], ticketKey: string): Identity {
    const by = authorities.length === 0 ? '' : hash('sha256', authorities.join('\n'))
    const keys = this.formerKeys?.name === ticketKey ? this.formerKeys : this.ticketKeys
    const identities = keys === this.ticketKeys ? known.identities : known.formerIdentities
    const made = identities.get(by)
    if (made !== undefined) return made
    const identity = this.createIdentity(known, by, authorities, keys)
    identities.set(by, identity)
    return identity
  }

  private createIdentity(known: Known, by: string, authorities: readonly string[], keys: TicketKeys): Identity {
    const isClientAsked = authorities.length > 0
    const options: SecureContextOptions = {
      cert: known.chain,
      key: known.openKey(),
      ciphers: CIPHERS,
      honorCipherOrder: true,
      minVersion: `TLSv${this.options.minVersion}`,
      maxVersion: `TLSv${this.options.maxVersion}`,
      sessionTimeout: SESSION_SECONDS,
      ticketKeys: keys.bytes,
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

function knownAs(id: string, chain: string, isDefault: boolean, openKey: () => string): Known {
  return { id, chain, isDefault, openKey, identities: new Map(), formerIdentities: new Map() }
}

function named(bytes: Buffer): TicketKeys {
  if (bytes.length !== TICKET_KEY_BYTES) throw new Error(`keys of tickets have ${TICKET_KEY_BYTES} bytes`)
  return { bytes, name: bytes.toString('latin1', 0, TICKET_KEY_NAME_BYTES) }
}
