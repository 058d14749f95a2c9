import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { INCOMPLETE, MALFORMED, MAX_HEADER_BYTES, readProxyHeader } from './proxy-protocol.ts'

const SIGNATURE = '0d0a0d0a000d0a515549540a'
const hex = (...parts: readonly string[]) => Buffer.from(parts.join(''), 'hex')
const text = (line: string) => Buffer.from(line, 'latin1')
const v4 = 'c0000201c633640a' + '1f90' + '01bb'
const v6 = '20010db8000000000000000000000001' + '20010db8000000000000000000000002' + '1f90' + '01bb'
const mapped = '00000000000000000000ffffc0000201' + '20010db8000000000000000000000002' + '1f90' + '01bb'

/** The bytes, and either the client's address (null where the balancer says none) or what is wrong. */
const cases: readonly [title: string, bytes: Buffer, result: string | null | { wrong: string }][] = [
  // version 1
  ['IPv4', text('PROXY TCP4 192.0.2.1 198.51.100.10 56324 443\r\n'), '192.0.2.1'],
  ['IPv6', text('PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n'), '2001:db8::1'],
  ['IPv4 in IPv6', text('PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n'), '192.0.2.1'],
  ['unknown', text('PROXY UNKNOWN\r\n'), null],
  ['unknown, with what is to be ignored', text('PROXY UNKNOWN ffff::1 x y z\r\n'), null],
  ['the longest line', text(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`), null],
  ['a line that is too long', text(`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`), { wrong: MALFORMED }],
  ['no line yet', text('PROXY TCP4 192.0.2.1 '), { wrong: INCOMPLETE }],
  ['no LF yet', text('PROXY UNKNOWN\r'), { wrong: INCOMPLETE }],
  ['a line without end', text(`PROXY TCP4 ${'1'.repeat(200)}`), { wrong: MALFORMED }],
  ['LF alone', text(`PROXY UNKNOWN\n${'x'.repeat(107)}`), { wrong: MALFORMED }],
  ['lower case', text('proxy TCP4 192.0.2.1 198.51.100.10 56324 443\r\n'), { wrong: MALFORMED }],
  ['another family', text('PROXY UDP4 192.0.2.1 198.51.100.10 56324 443\r\n'), { wrong: MALFORMED }],
  ['the wrong family', text('PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n'), { wrong: MALFORMED }],
  ['a name for an address', text('PROXY TCP4 localhost 198.51.100.10 1 2\r\n'), { wrong: MALFORMED }],
  ['an address in octal', text('PROXY TCP4 0192.0.2.1 198.51.100.10 1 2\r\n'), { wrong: MALFORMED }],
  ['an address with a zone', text('PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n'), { wrong: MALFORMED }],
  ['one port', text('PROXY TCP4 192.0.2.1 198.51.100.10 56324\r\n'), { wrong: MALFORMED }],
  ['three ports', text('PROXY TCP4 192.0.2.1 198.51.100.10 1 2 3\r\n'), { wrong: MALFORMED }],
  ['a port that is too high', text('PROXY TCP4 192.0.2.1 198.51.100.10 1 65536\r\n'), { wrong: MALFORMED }],
  ['a port with a sign', text('PROXY TCP4 192.0.2.1 198.51.100.10 +1 2\r\n'), { wrong: MALFORMED }],
  ['a port with a zero before', text('PROXY TCP4 192.0.2.1 198.51.100.10 01 2\r\n'), { wrong: MALFORMED }],
  ['two spaces', text('PROXY TCP4  192.0.2.1 198.51.100.10 1 2\r\n'), { wrong: MALFORMED }],
  ['a header within', text('PROXY TCP4 192.0.2.1\r\nX: 198.51.100.10 1 2\r\n'), { wrong: MALFORMED }],
  // version 2
  ['IPv4, binary', hex(SIGNATURE, '2111000c', v4), '192.0.2.1'],
  ['IPv6, binary', hex(SIGNATURE, '21210024', v6), '2001:db8::1'],
  ['IPv4 in IPv6, binary', hex(SIGNATURE, '21210024', mapped), '192.0.2.1'],
  ['with more behind the addresses', hex(SIGNATURE, '21110011', v4, '0400020102'), '192.0.2.1'],
  ['a Unix socket', hex(SIGNATURE, '213100d8', '00'.repeat(216)), null],
  ['local', hex(SIGNATURE, '20000000'), null],
  ['local, with addresses', hex(SIGNATURE, '2011000c', v4), null],
  ['unspecified', hex(SIGNATURE, '21000003', '010203'), null],
  ['no addresses yet', hex(SIGNATURE, '2111000c', 'c000'), { wrong: INCOMPLETE }],
  ['a part of the mark', hex('0d0a0d0a00'), { wrong: INCOMPLETE }],
  ['the mark alone', hex(SIGNATURE), { wrong: INCOMPLETE }],
  ['another version', hex(SIGNATURE, '3111000c', v4), { wrong: MALFORMED }],
  ['another command', hex(SIGNATURE, '2211000c', v4), { wrong: MALFORMED }],
  ['datagrams', hex(SIGNATURE, '2112000c', v4), { wrong: MALFORMED }],
  ['another family, binary', hex(SIGNATURE, '2141000c', v4), { wrong: MALFORMED }],
  ['addresses that are cut off', hex(SIGNATURE, '2111000b', v4), { wrong: MALFORMED }],
  ['IPv6 in the room of IPv4', hex(SIGNATURE, '2121000c', v4), { wrong: MALFORMED }],
  ['a length that nobody needs', hex(SIGNATURE, '2111ffff', v4), { wrong: MALFORMED }],
  // neither
  ['nothing', Buffer.alloc(0), { wrong: INCOMPLETE }],
  ['HTTP', text('GET / HTTP/1.1\r\n\r\n'), { wrong: MALFORMED }],
  ['TLS', hex('160301020001'), { wrong: MALFORMED }],
  ['a mark with a mistake', hex('0d0a0d0a000d0a515549540b'), { wrong: MALFORMED }],
  ['PROXY without a space', text('PROXYTCP4'), { wrong: MALFORMED }],
]
for (const [title, bytes, result] of cases) {
  test(`${title}: ${JSON.stringify(result)}`, () => {
    const header = readProxyHeader(bytes)
    assert.deepEqual(typeof header === 'string' ? { wrong: header } : header.address, result)
  })
  if (typeof result === 'string' || result === null)
    test(`${title}: what follows is not part of it`, () => {
      const header = readProxyHeader(Buffer.concat([bytes, text('GET / HTTP/1.1\r\n\r\n')]))
      assert.deepEqual(header, { length: bytes.length, address: result })
      for (let length = 0; length < bytes.length; length++)
        assert.equal(readProxyHeader(bytes.subarray(0, length)), INCOMPLETE, `${length} bytes`)
    })
}

test('no bytes break it, and none are waited for beyond the bound', () => {
  const begun = fc
    .tuple(fc.constantFrom('PROXY ', SIGNATURE), fc.uint8Array({ maxLength: 400 }))
    .map(([mark, rest]) => Buffer.concat([mark === SIGNATURE ? hex(mark) : text(mark), rest]))
  fc.assert(
    fc.property(begun, (bytes) => {
      const whole = Buffer.concat([bytes, Buffer.alloc(MAX_HEADER_BYTES)])
      assert.notEqual(readProxyHeader(whole), INCOMPLETE)
    }),
  )
})
