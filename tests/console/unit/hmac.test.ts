import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type HmacKey, hmacAlgorithms, sign } from '../../../console/src/features/try/hmac.ts'
import { exchange, fakeEnv } from '../../../src/plugins/fake-exchange.ts'
import { hmacAuth } from '../../../src/plugins/hmac-auth.ts'

/** What the console signs is what the plugin takes. */

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const SECRET = 'a secret that both know ♥'
const key: HmacKey = {
  keyId: 'one',
  secret: SECRET,
  algorithm: 'HmacSHA256',
  dateHeader: 'x-date',
  signedHeaders: [],
  hasBodyDigest: false,
}

interface Given {
  readonly key?: Partial<HmacKey>
  readonly body?: string
  /** What somebody changes on the way. */
  readonly query?: string
}

/** What the plugin says of a request that was signed here; undefined for letting it in. */
async function outcome({ key: own = {}, body = '', query = 'a=1' }: Given) {
  const used = { ...key, ...own }
  const headers = [{ name: 'X-Tenant', value: 'acme' }]
  const request = { method: 'POST', target: '/a?a=1', host: 'api.localhost', headers, body }
  const fields = [...headers, ...(await sign(request, used, new Date(NOW)))]
  const plugin = hmacAuth.create(
    {
      keys: [{ id: 'one', secret: SECRET, groups: [] }],
      requireKeyId: used.keyId !== '',
      dateHeader: used.dateHeader,
      clockSkew: 300,
      algorithms: [...hmacAlgorithms],
      requiredHeaders: [...used.signedHeaders],
      bodyDigest: used.hasBodyDigest,
      maxBodyBytes: 1000,
      rejectReplays: false,
    },
    fakeEnv({ now: () => NOW }),
  )
  const sent = Object.fromEntries(fields.map(({ name, value }) => [name.toLowerCase(), value]))
  return plugin.onRequest?.(exchange({ method: 'POST', query, headers: sent, body }))
}

const taken: readonly (readonly [string, Given])[] = [
  ...hmacAlgorithms.map((algorithm) => [`with ${algorithm}`, { key: { algorithm } }] as const),
  ['with headers and the host', { key: { signedHeaders: ['X-Tenant', 'host'] } }],
  ['without a key id', { key: { keyId: '' } }],
  ['with the date elsewhere', { key: { dateHeader: 'x-nhn-date' } }],
  ['with a digest of the body', { key: { hasBodyDigest: true }, body: '{"name":"Kitty ♥"}' }],
]
for (const [what, given] of taken) {
  test(`a request that is signed ${what} is let in`, async () => {
    assert.equal(await outcome(given), undefined)
  })
}

test('a request that was changed after it was signed is refused', async () => {
  assert.match(JSON.stringify(await outcome({ query: 'a=2' })), /hmac-mismatch/)
})
