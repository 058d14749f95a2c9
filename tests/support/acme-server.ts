import { execFileSync } from 'node:child_process'
import { createHash, createPublicKey, type KeyObject, randomBytes, verify, type webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:tls'
import { alternativeNames } from '../../src/lib/alternative-names.ts'
import { type Authority, newAuthority } from '../../src/lib/fake-authority.ts'
import { findCommand } from './commands.ts'

/** A small authority that speaks ACME (RFC 8555): it checks signatures and nonces, and looks at names by itself, on the ports of a gateway. */

interface Order {
  readonly id: string
  readonly domains: readonly string[]
  readonly account: string
  /** By domain. */
  readonly authorizations: Map<string, { token: string; status: string; error: string | null }>
  certificate: string | null
}

interface Signed {
  readonly header: {
    readonly alg: string
    readonly nonce: string
    readonly url: string
    readonly kid?: string
    readonly jwk?: webcrypto.JsonWebKey
  }
  // biome-ignore lint/suspicious/noExplicitAny: whatever the client has sent
  readonly payload: any
  readonly account: string
}

export class AcmeServer {
  readonly authority: Authority = newAuthority('ACME Root')
  /** Public keys by account. */
  readonly accounts = new Map<string, KeyObject>()
  /** What was looked at, as `TYPE DOMAIN`. */
  readonly looks: string[] = []
  /** Domains that it refuses, whatever it finds. */
  readonly refused = new Set<string>()
  /** How many requests it answers with "badNonce" before it takes one. */
  badNonces = 0
  private readonly nonces = new Set<string>()
  private readonly orders = new Map<string, Order>()
  private readonly server: Server
  private readonly gateway: { httpPort: number; tlsPort: number } = { httpPort: 0, tlsPort: 0 }
  port = 0

  private constructor() {
    this.server = createServer((incoming, answer) => void this.handle(incoming, answer))
  }

  static async start(): Promise<AcmeServer> {
    const acme = new AcmeServer()
    acme.server.listen({ host: '127.0.0.1', port: 0 })
    await once(acme.server, 'listening')
    const address = acme.server.address()
    acme.port = typeof address === 'object' ? (address?.port ?? 0) : 0
    return acme
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Where all names lead. */
  lookAt(ports: { httpPort: number; tlsPort: number }): void {
    Object.assign(this.gateway, ports)
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  private async handle(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const nonce = randomBytes(12).toString('base64url')
    this.nonces.add(nonce)
    answer.setHeader('replay-nonce', nonce)
    const path = incoming.url ?? ''
    if (path === '/directory')
      return this.reply(answer, 200, {
        newNonce: `${this.url}/nonce`,
        newAccount: `${this.url}/account`,
        newOrder: `${this.url}/order`,
        revokeCert: `${this.url}/revoke`,
        keyChange: `${this.url}/key`,
        meta: { termsOfService: `${this.url}/terms` },
      })
    if (path === '/nonce') return void answer.writeHead(200).end()
    try {
      const signed = await this.readSigned(incoming, `${this.url}${path}`)
      await this.answerSigned(path, signed, answer)
    } catch (error) {
      const type = error instanceof AcmeError ? error.type : 'serverInternal'
      const detail = error instanceof Error ? error.message : String(error)
      this.reply(answer, 400, { type: `urn:ietf:params:acme:error:${type}`, detail, status: 400 })
    }
  }

  /** Reads a request and checks its signature, its nonce and what it is for. */
  private async readSigned(incoming: IncomingMessage, url: string): Promise<Signed> {
    let text = ''
    for await (const chunk of incoming) text += chunk
    const { protected: head, payload, signature } = JSON.parse(text)
    const header: Signed['header'] = JSON.parse(Buffer.from(head, 'base64url').toString())
    const isFresh = this.nonces.delete(header.nonce)
    if (this.badNonces > 0) {
      this.badNonces--
      throw new AcmeError('badNonce', 'not this one')
    }
    if (!isFresh) throw new AcmeError('badNonce', 'it was used, or is not ours')
    if (header.url !== url) throw new AcmeError('unauthorized', `it is for ${header.url}`)
    if (header.alg !== 'ES256') throw new AcmeError('badSignatureAlgorithm', header.alg)
    const key = header.jwk ? createPublicKey({ key: header.jwk, format: 'jwk' }) : this.accounts.get(header.kid ?? '')
    if (key === undefined) throw new AcmeError('accountDoesNotExist', header.kid ?? 'nobody')
    const isRight = verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
    if (!isRight) throw new AcmeError('malformed', 'the signature is wrong')
    const account = header.kid ?? `${this.url}/accounts/${thumbprint(key)}`
    if (header.jwk) this.accounts.set(account, key)
    return {
      header,
      payload: payload === '' ? null : JSON.parse(Buffer.from(payload, 'base64url').toString()),
      account,
    }
  }

  private async answerSigned(path: string, { payload, account }: Signed, answer: ServerResponse): Promise<void> {
    const [, kind = '', id = '', domain = ''] = path.split('/')
    if (kind === 'account') {
      if (payload.termsOfServiceAgreed !== true) throw new AcmeError('userActionRequired', 'agree to the terms')
      answer.setHeader('location', account)
      return this.reply(answer, 201, { status: 'valid' })
    }
    if (kind === 'order' && id === '') return this.newOrder(payload.identifiers, account, answer)
    const order = this.orders.get(id)
    if (order === undefined || order.account !== account) throw new AcmeError('malformed', 'there is no such order')
    if (kind === 'order') return this.tellOrder(order, answer)
    if (kind === 'authorization') return this.tellAuthorization(order, domain, answer)
    if (kind === 'http-01' || kind === 'tls-alpn-01') {
      if (payload !== null) await this.look(kind, order, domain)
      const { token, status, error } = order.authorizations.get(domain) ?? {}
      return this.reply(answer, 200, {
        type: kind,
        url: `${this.url}${path}`,
        token,
        status,
        ...(error && { error: { type: 'urn:ietf:params:acme:error:unauthorized', detail: error } }),
      })
    }
    if (kind === 'finalize') {
      order.certificate = this.sign(Buffer.from(payload.csr, 'base64url'), order)
      return this.tellOrder(order, answer)
    }
    if (kind === 'certificate') return void answer.writeHead(200).end(order.certificate)
    throw new AcmeError('malformed', `there is no ${path}`)
  }

  private newOrder(identifiers: { value: string }[], account: string, answer: ServerResponse): void {
    const id = randomBytes(8).toString('hex')
    const domains = identifiers.map(({ value }) => value)
    const newAuthorization = () => ({ token: randomBytes(16).toString('base64url'), status: 'pending', error: null })
    const authorizations = new Map(domains.map((domain) => [domain, newAuthorization()]))
    const order: Order = { id, domains, account, authorizations, certificate: null }
    this.orders.set(id, order)
    answer.setHeader('location', `${this.url}/order/${id}`)
    this.tellOrder(order, answer, 201)
  }

  private tellOrder({ id, domains, authorizations, certificate }: Order, answer: ServerResponse, status = 200): void {
    const isReady = [...authorizations.values()].every((one) => one.status === 'valid')
    this.reply(answer, status, {
      status: certificate !== null ? 'valid' : isReady ? 'ready' : 'pending',
      identifiers: domains.map((value) => ({ type: 'dns', value })),
      authorizations: domains.map((domain) => `${this.url}/authorization/${id}/${domain}`),
      finalize: `${this.url}/finalize/${id}`,
      ...(certificate !== null && { certificate: `${this.url}/certificate/${id}` }),
    })
  }

  private tellAuthorization({ id, authorizations }: Order, domain: string, answer: ServerResponse): void {
    const { token, status } = authorizations.get(domain) ?? {}
    this.reply(answer, 200, {
      status,
      identifier: { type: 'dns', value: domain },
      challenges: ['http-01', 'tls-alpn-01'].map((type) => ({
        type,
        url: `${this.url}/${type}/${id}/${domain}`,
        token,
        status,
      })),
    })
  }

  /** Looks whether a name leads to whoever has the key of the account. */
  private async look(type: string, order: Order, domain: string): Promise<void> {
    const authorization = order.authorizations.get(domain)
    const key = this.accounts.get(order.account)
    if (authorization === undefined || key === undefined) throw new AcmeError('malformed', 'there is no such name')
    this.looks.push(`${type} ${domain}`)
    const wanted = `${authorization.token}.${thumbprint(key)}`
    const isRight =
      type === 'http-01'
        ? (await this.fetchAnswer(domain, authorization.token)) === wanted
        : await this.isShown(domain, wanted)
    const isValid = isRight && !this.refused.has(domain)
    authorization.status = isValid ? 'valid' : 'invalid'
    authorization.error = isValid ? null : `${domain} did not answer as it should`
  }

  private async fetchAnswer(domain: string, token: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const path = `/.well-known/acme-challenge/${token}`
    const asked = request(
      { host: '127.0.0.1', port: this.gateway.httpPort, path, headers: { host: domain } },
      (got) => {
        let text = ''
        got.on('data', (chunk) => {
          text += chunk
        })
        got.on('end', () => resolve(got.statusCode === 200 ? text : ''))
      },
    )
    asked.on('error', reject)
    asked.end()
    return promise
  }

  private async isShown(servername: string, wanted: string): Promise<boolean> {
    const socket = connect({
      host: '127.0.0.1',
      port: this.gateway.tlsPort,
      servername,
      ALPNProtocols: ['acme-tls/1'],
      rejectUnauthorized: false,
    })
    const closed = once(socket, 'close')
    socket.on('error', () => socket.destroy())
    await Promise.race([once(socket, 'secureConnect'), closed])
    const shown = socket.getPeerX509Certificate()
    const isAcme = socket.alpnProtocol === 'acme-tls/1'
    socket.destroy()
    if (shown === undefined || !isAcme) return false
    const digest = createHash('sha256').update(wanted).digest()
    const names = alternativeNames(shown.subjectAltName).dns
    return names.length === 1 && names[0] === servername && shown.raw.includes(digest)
  }

  /** A certificate for the key of a request, if all names of the order are shown. */
  private sign(csr: Buffer, { domains, authorizations }: Order): string {
    if (![...authorizations.values()].every(({ status }) => status === 'valid'))
      throw new AcmeError('orderNotReady', 'not all names are shown')
    const openssl = (...args: string[]) =>
      execFileSync(findCommand('openssl') ?? 'openssl', ['req', '-inform', 'DER', '-noout', ...args], {
        input: csr,
      }).toString()
    const key = createPublicKey(openssl('-pubkey'))
    const names = [...openssl('-text').matchAll(/DNS:([^,\s]+)/g)].map(([, name = '']) => name)
    if (names.toSorted().join() !== domains.toSorted().join()) throw new AcmeError('badCSR', names.join())
    const { certificate } = this.authority.sign({ commonName: domains[0] ?? '', names: domains, key, usage: 'server' })
    return certificate + this.authority.certificate
  }

  private reply(answer: ServerResponse, status: number, body: object): void {
    answer.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
    answer.end(JSON.stringify(body))
  }
}

class AcmeError extends Error {
  readonly type: string

  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

/** Names a key by itself (RFC 7638). */
function thumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}
