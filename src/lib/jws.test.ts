import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { BadKey, isSignedBy, keyOfJwk, parseJws, publicKey, publicKeyAlgorithms, secretKey } from './jws.ts'

/** The claims of RFC 7515, appendix A. */
const PAYLOAD = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'

describe('vectors of RFC 7515', () => {
  const hmac = 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'
  const rsa = {
    kty: 'RSA',
    e: 'AQAB',
    n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  }
  const ec = {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  }
  const vectors = [
    [
      'A.1, HS256',
      'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9',
      'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      () => secretKey(Buffer.from(hmac, 'base64url'), 'HS256'),
    ],
    [
      'A.2, RS256',
      'eyJhbGciOiJSUzI1NiJ9',
      'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
      () => keyOfJwk(rsa, ['RS256']),
    ],
    [
      'A.3, ES256',
      'eyJhbGciOiJFUzI1NiJ9',
      'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
      () => keyOfJwk(ec, ['ES256']),
    ],
  ] as const
  for (const [what, header, signature, key] of vectors)
    test(what, () => {
      const parsed = parseJws(`${header}.${PAYLOAD}.${signature}`)
      assert.ok(parsed !== null)
      assert.equal(parsed.payload.iss, 'joe')
      assert.ok(isSignedBy(parsed, key()))
      for (const broken of [signature.replace(/^./, 'X'), signature.slice(4), ''])
        assert.ok(!isSignedBy({ ...parsed, signature: Buffer.from(broken, 'base64url') }, key()))
    })

  test('A.5, without a signature, is by no key', () => {
    const parsed = parseJws(`eyJhbGciOiJub25lIn0.${PAYLOAD}.`)
    assert.ok(parsed !== null)
    assert.ok(!isSignedBy(parsed, secretKey(Buffer.from(hmac, 'base64url'), 'HS256')))
  })
})

describe('what is no token', () => {
  const part = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
  const cases: [what: string, token: string][] = [
    ['nothing', ''],
    ['two parts', 'a.b'],
    ['four parts', `${part({})}.${part({})}.YQ.YQ`],
    ['padding', `${part({ a: 1 })}=.${part({})}.YQ`],
    ['white space', ` ${part({})}.${part({})}.YQ`],
    ['a line break', `${part({})}.${part({})}.YQ\n`],
    ['Base64 of another alphabet', `${part({})}.${part({})}.Y+Q`],
    ['bits to spare', `${part({})}.${part({})}.YR`],
    ['a header that is a list', `${part([])}.${part({})}.YQ`],
    ['claims that are a text', `${part({})}.${part('"x"')}.YQ`],
    ['claims that are null', `${part({})}.${part(null)}.YQ`],
    ['a claim twice', `${part({})}.${part('{"sub":"a","sub":"b"}')}.YQ`],
    ['a claim twice in a deeper place', `${part({})}.${part('{"a":{"b":1,"b":2}}')}.YQ`],
    ['a header field twice, by an escape', `${part('{"alg":"HS256","\\u0061lg":"none"}')}.${part({})}.YQ`],
    ['claims that are nested without end', `${part({})}.${part(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)}.YQ`],
  ]
  for (const [what, token] of cases) test(what, () => assert.equal(parseJws(token), null))
})

describe('keys', () => {
  const { publicKey: rsa, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { publicKey: small } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const { publicKey: ec } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const pem = (key: typeof rsa) => key.export({ type: 'spki', format: 'pem' }).toString()
  const bad: [what: string, make: () => unknown, told: RegExp][] = [
    ['a secret that is short', () => secretKey('short', 'HS256'), /at least 32 bytes/],
    ['a public key for a secret', () => publicKey(pem(rsa), 'HS256'), /takes a secret/],
    ['a secret for a public key', () => secretKey('x'.repeat(64), 'RS256'), /takes a public key/],
    [
      'a private key',
      () => publicKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'RS256'),
      /private key/,
    ],
    ['a key of another type', () => publicKey(pem(rsa), 'ES256'), /curve P-256/],
    ['a key of another curve', () => publicKey(pem(ec), 'ES384'), /curve P-384/],
    ['an RSA key that is small', () => publicKey(pem(small), 'RS256'), /at least 2048 bits/],
    ['rubbish', () => publicKey('x', 'RS256'), /cannot be read/],
    ['a published secret', () => keyOfJwk({ kty: 'oct', k: 'YQ' }, publicKeyAlgorithms), /no place/],
    [
      'a key for encryption',
      () => keyOfJwk({ ...rsa.export({ format: 'jwk' }), use: 'enc' }, publicKeyAlgorithms),
      /not for signatures/,
    ],
    [
      'a key of an algorithm that is not allowed',
      () => keyOfJwk({ ...rsa.export({ format: 'jwk' }), alg: 'RS512' }, ['RS256']),
      /no algorithm/,
    ],
    [
      'a key that says another algorithm than fits',
      () => keyOfJwk({ ...rsa.export({ format: 'jwk' }), alg: 'ES256' }, publicKeyAlgorithms),
      /no algorithm/,
    ],
  ]
  for (const [what, make, told] of bad)
    test(`${what} is refused`, () =>
      assert.throws(make, (error) => error instanceof BadKey && told.test(error.message)))

  test('a key set holds keys of all kinds', () => {
    for (const [namedCurve, name] of [
      ['prime256v1', 'ES256'],
      ['secp384r1', 'ES384'],
      ['secp521r1', 'ES512'],
    ] as const)
      assert.equal(
        keyOfJwk(
          generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' }) as never,
          publicKeyAlgorithms,
        ).algorithm,
        name,
      )
    const ed = generateKeyPairSync('ed25519').publicKey
    assert.equal(keyOfJwk({ ...ed.export({ format: 'jwk' }), kid: 'k' }, publicKeyAlgorithms).id, 'k')
    assert.ok(createPublicKey(pem(ed)).equals(ed))
  })
})
