import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { ManagedCertificate } from '../../src/model/managed-certificate.ts'
import { AcmeServer } from '../support/acme-server.ts'
import { requireCommands } from '../support/commands.ts'
import { call } from '../support/design.ts'
import { get, openTls, shownFor } from '../support/https.ts'
import { rawRequest } from '../support/raw.ts'
import { runTurnpike, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Certificates from an authority: a small one of our own, which looks at the names through the gateway itself. */

const skip = requireCommands(['openssl'])
const TIMEOUT_MS = 30_000

let turnpike: Turnpike
let acme: AcmeServer
before(async () => {
  acme = await AcmeServer.start()
  turnpike = await startTurnpike({
    args: ['--workers', '2', '--acme-directory', `${acme.url}/directory`, '--acme-email', 'ada@example.com'],
  })
  acme.lookAt({ httpPort: turnpike.gatewayPort, tlsPort: turnpike.tlsPort })
})
after(async () => {
  await turnpike.stop()
  acme.close()
})

const ask = (name: string, domains: string[], challenge: string) =>
  call(turnpike, 'POST', '/managed-certificates', { name, domains, challenge, termsOfServiceAgreed: true })

/** Waits until what has become of a certificate is as it should be. */
async function until(name: string, isDone: (managed: ManagedCertificate) => boolean): Promise<ManagedCertificate> {
  for (const end = Date.now() + TIMEOUT_MS; ; ) {
    const managed = (await call(turnpike, 'GET', `/managed-certificates/${name}`)) as unknown as ManagedCertificate
    if (isDone(managed)) return managed
    assert.ok(Date.now() < end, JSON.stringify(managed))
  }
}
const issued = ({ state }: ManagedCertificate) => state === 'issued'
const failing = ({ state }: ManagedCertificate) => state === 'failing'
const chainOf = async (name: string) => String((await call(turnpike, 'GET', `/certificates/${name}`)).chain)
const fingerprintOf = async (name: string) => new X509Certificate(await chainOf(name)).fingerprint256

test('by HTTP-01: got at once, in use, and to be renewed when two thirds of its time are over', { skip }, async () => {
  acme.badNonces = 1
  await ask('first', ['one.example', 'two.example'], 'http-01')
  const { nextAttemptAt } = await until('first', issued)
  assert.deepEqual(acme.looks.splice(0), ['http-01 one.example', 'http-01 two.example'])
  for (const servername of ['one.example', 'two.example']) {
    const socket = await openTls(turnpike.tlsPort, {
      servername,
      ca: acme.authority.certificate,
      rejectUnauthorized: true,
    })
    assert.ok(socket.authorized)
    socket.destroy()
  }
  const { validFromDate, validToDate } = new X509Certificate(await chainOf('first'))
  const share =
    (Date.parse(nextAttemptAt) - validFromDate.getTime()) / (validToDate.getTime() - validFromDate.getTime())
  assert.ok(Math.abs(share - 2 / 3) < 0.001, String(share))
  assert.equal(String((await call(turnpike, 'GET', '/certificates/first')).source), 'acme')
})

test('by TLS-ALPN-01, with the same account', { skip }, async () => {
  await ask('second', ['three.example'], 'tls-alpn-01')
  await until('second', issued)
  assert.deepEqual(acme.looks.splice(0), ['tls-alpn-01 three.example'])
  assert.equal(await shownFor(turnpike.tlsPort, 'three.example'), await fingerprintOf('second'))
  assert.equal(acme.accounts.size, 1)
})

test('renewed, it takes the place of its former self', { skip }, async () => {
  const before = await fingerprintOf('first')
  const { code } = await runTurnpike(['certificates', 'renew', 'first'], { env: { TURNPIKE_DATA: turnpike.data } })
  assert.equal(code, 0)
  await until('first', (managed) => issued(managed) && Date.parse(managed.nextAttemptAt) > Date.now())
  const now = await fingerprintOf('first')
  assert.notEqual(now, before)
  assert.equal(await shownFor(turnpike.tlsPort, 'one.example'), now)
})

test('what fails says why, waits longer each time, and harms nothing', { skip }, async () => {
  const before = await fingerprintOf('first')
  acme.refused.add('one.example')
  await call(turnpike, 'POST', '/managed-certificates/first/attempts')
  const first = await until('first', failing)
  assert.match(first.lastError ?? '', /one\.example did not answer as it should/)
  const waitOf = ({ nextAttemptAt }: ManagedCertificate) => Date.parse(nextAttemptAt) - Date.now()
  assert.ok(waitOf(first) > 3 * 60_000 && waitOf(first) < 7 * 60_000, String(waitOf(first)))
  await call(turnpike, 'POST', '/managed-certificates/first/attempts')
  const second = await until('first', ({ failures }) => failures === 2)
  assert.ok(waitOf(second) > 7 * 60_000 && waitOf(second) < 13 * 60_000, String(waitOf(second)))
  assert.equal(await shownFor(turnpike.tlsPort, 'one.example'), before)
  const { stdout } = await runTurnpike(['certificates', 'managed'], { env: { TURNPIKE_DATA: turnpike.data } })
  assert.match(stdout, /first +one\.example two\.example +failing /)
  acme.refused.clear()
  await call(turnpike, 'POST', '/managed-certificates/first/attempts')
  assert.equal((await until('first', issued)).lastError, null)
})

test('once it is over, nothing is answered any more', { skip }, async () => {
  const answer = await rawRequest(turnpike.gatewayPort, get('one.example', '/.well-known/acme-challenge/x'))
  assert.match(answer, /^HTTP\/1\.1 404 /)
  await assert.rejects(openTls(turnpike.tlsPort, { servername: 'three.example', ALPNProtocols: ['acme-tls/1'] }))
})

test('it is renewed no more where that is ended, and what was got stays', { skip }, async () => {
  assert.equal((await turnpike.api('DELETE', '/certificates/second')).status, 409)
  await call(turnpike, 'DELETE', '/managed-certificates/second')
  assert.equal(String((await call(turnpike, 'GET', '/certificates/second')).source), 'uploaded')
  await call(turnpike, 'DELETE', '/certificates/second')
})

test('names that cannot be, names that are taken, and terms that nobody agreed to', { skip }, async () => {
  const base = { name: 'x', domains: ['x.example'], termsOfServiceAgreed: true }
  const refused: [object, number][] = [
    [{ ...base, domains: ['*.example.com'] }, 400],
    [{ ...base, domains: [] }, 400],
    [{ ...base, termsOfServiceAgreed: false }, 400],
    [{ ...base, challenge: 'dns-01' }, 400],
    [{ ...base, name: 'first' }, 409],
  ]
  for (const [body, status] of refused)
    assert.equal((await turnpike.api('POST', '/managed-certificates', body)).status, status, JSON.stringify(body))
})

test('the keys of accounts and certificates are nowhere to be read', { skip }, async () => {
  for (const path of ['/managed-certificates', '/certificates', '/audit?limit=200'])
    assert.doesNotMatch(JSON.stringify((await turnpike.api('GET', path)).body), /PRIVATE KEY|\$sealed\$/)
})
