import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { newAuthority } from '../../lib/fake-authority.ts'
import type { LiveCertificate } from '../../model/certificate.ts'
import { Certificates, type TlsOptions } from './certificates.ts'
import { TlsOpening } from './tls-opening.ts'

/** How long tickets of sessions are good for, tried by clients that bring them. */

const authority = newAuthority()
const clear = { open: (sealed: string) => sealed }
const options: TlsOptions = { minVersion: '1.2', maxVersion: '1.3', baseDomain: 'localhost' }
const newKeys = () => randomBytes(48)

function live(
  name: string,
  { certificate, key } = authority.issue({ commonName: name, names: [name] }),
): LiveCertificate {
  return { id: name, chain: certificate, sealedKey: key, isDefault: false }
}

let certificates: Certificates
/** Answers each handshake with a byte, behind which come the tickets of TLS 1.3. */
const server = createServer((accepted) => {
  const opening = new TlsOpening(accepted, false, {
    choose: ({ serverName, ticketKey }) => {
      const identity = certificates.find(serverName, [], true, ticketKey)
      return identity && { identity, protocols: ['http/1.1'] }
    },
    onSecure: (socket) => socket.end('.'),
    onSettled: () => undefined,
  })
  assert.ok(opening)
})
before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
after(() => server.close())

type Version = 'TLSv1.2' | 'TLSv1.3'

/** A handshake: whether the session was taken up, and that of next time. */
async function handshake(version: Version, servername: string, session?: Buffer) {
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    servername,
    ...(session && { session }),
  })
  let next = session
  let isResumed = false
  socket.once('secureConnect', () => {
    isResumed = socket.isSessionReused()
  })
  socket.on('session', (made) => {
    next = made
  })
  socket.resume()
  await once(socket, 'close')
  assert.ok(next)
  return { isResumed, next }
}

function start(former: Buffer | null = null, current = newKeys()): void {
  certificates = new Certificates(options, current, former, clear, Date.now)
  const { certificate, key } = authority
  certificates.load([live('api.example'), live('other.example')], {
    id: 'authority',
    chain: certificate,
    sealedKey: key,
    isDefault: false,
  })
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
  for (const [what, name] of [
    ['a certificate that was given', 'api.example'],
    ['one of the local authority', 'api.localhost'],
  ] as const)
    describe(`sessions of ${version}, ${what}`, () => {
      test('are taken up with the keys of now and those of before, and no longer', async () => {
        start()
        const { next: first } = await handshake(version, name)
        assert.ok((await handshake(version, name, first)).isResumed)
        certificates.setTicketKeys(newKeys())
        assert.ok((await handshake(version, name, first)).isResumed)
        const { next: second, isResumed } = await handshake(version, name)
        assert.equal(isResumed, false)
        certificates.setTicketKeys(newKeys())
        assert.equal((await handshake(version, name, first)).isResumed, false)
        assert.ok((await handshake(version, name, second)).isResumed)
      })

      test('do not live on by being taken up', async () => {
        start()
        const { next: first } = await handshake(version, name)
        certificates.setTicketKeys(newKeys())
        const { next: again } = await handshake(version, name, first)
        certificates.setTicketKeys(newKeys())
        assert.equal((await handshake(version, name, again)).isResumed, false)
      })

      test('are taken up by a worker that has started since', async () => {
        const [before, now] = [newKeys(), newKeys()]
        start(null, before)
        const { next } = await handshake(version, name)
        start(before, now)
        assert.ok((await handshake(version, name, next)).isResumed)
        start(null, now)
        assert.equal((await handshake(version, name, next)).isResumed, false)
      })

      test('are not taken up by another host, with keys of before neither', async () => {
        start()
        const { next } = await handshake(version, name)
        certificates.setTicketKeys(newKeys())
        assert.equal((await handshake(version, 'other.example', next)).isResumed, false)
        assert.equal((await handshake(version, 'other.localhost', next)).isResumed, false)
      })
    })

test('a certificate that is put in the place of another takes up its sessions, those with the keys of before too', async () => {
  start()
  const { next } = await handshake('TLSv1.3', 'api.example')
  certificates.setTicketKeys(newKeys())
  certificates.put(live('api.example'))
  assert.ok((await handshake('TLSv1.3', 'api.example', next)).isResumed)
})

test('keys of another length are refused, and change nothing', async () => {
  start()
  const { next } = await handshake('TLSv1.3', 'api.example')
  for (let i = 0; i < 2; i++) assert.throws(() => certificates.setTicketKeys(randomBytes(32)), /have 48 bytes/)
  assert.ok((await handshake('TLSv1.3', 'api.example', next)).isResumed)
})
