import type { ReplyCode } from '../../plugins/replies.ts'

/**
 * Requests as bytes, with the verdict. To add one, add its line.
 *
 * `takes` lists the bodies of the requests that the server gets, in order; `refuses` is the code of the refusal that ends
 * the connection, if any.
 */
export interface WireCase {
  readonly name: string
  readonly wire: string
  readonly takes?: readonly string[]
  readonly refuses?: ReplyCode
}

const get = 'GET / HTTP/1.1\r\nHost: a\r\n'
const post = 'POST / HTTP/1.1\r\nHost: a\r\n'
const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`
const smuggled = 'GET /admin HTTP/1.1\r\nHost: a\r\n\r\n'

export const wireCases: readonly WireCase[] = [
  // what is served
  { name: 'a plain request', wire: `${get}\r\n`, takes: [''] },
  { name: 'three requests in one piece', wire: `${get}\r\n`.repeat(3), takes: ['', '', ''] },
  { name: 'a sized body', wire: `${post}Content-Length: 5\r\n\r\nhello`, takes: ['hello'] },
  { name: 'an empty sized body', wire: `${post}Content-Length: 0\r\n\r\n`, takes: [''] },
  {
    name: 'a sized body, then another request',
    wire: `${post}Content-Length: 5\r\n\r\nhello${get}\r\n`,
    takes: ['hello', ''],
  },
  {
    name: 'a body that looks like a request',
    wire: `${post}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    takes: [smuggled],
  },
  { name: 'a chunked body', wire: `${chunked}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`, takes: ['hello!'] },
  {
    name: 'a chunked body, then another request',
    wire: `${chunked}5\r\nhello\r\n0\r\n\r\n${get}\r\n`,
    takes: ['hello', ''],
  },
  {
    name: 'upper-case chunk sizes with leading zeros',
    wire: `${chunked}000A\r\n0123456789\r\n000\r\n\r\n`,
    takes: ['0123456789'],
  },
  { name: 'chunk extensions', wire: `${chunked}5;a;b=c;d="e;\\"f"\r\nhello\r\n0;x=y\r\n\r\n`, takes: ['hello'] },
  { name: 'trailers', wire: `${chunked}1\r\na\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n${get}\r\n`, takes: ['a', ''] },
  { name: 'a coding in capitals', wire: `${post}Transfer-Encoding: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n`, takes: ['a'] },
  { name: 'tabs and spaces around a value', wire: `${get}X-A: \t b \t\r\n\r\n`, takes: [''] },
  { name: 'an empty value', wire: `${get}X-A:\r\n\r\n`, takes: [''] },
  { name: 'obs-text in a value', wire: `${get}X-A: caf\xe9\r\n\r\n`, takes: [''] },
  { name: 'one empty line before a request', wire: `\r\n${get}\r\n`, takes: [''] },
  { name: 'HTTP/1.0 with a Host', wire: 'GET / HTTP/1.0\r\nHost: a\r\n\r\n', takes: [''] },
  { name: 'HTTP/1.0 without a Host', wire: 'GET / HTTP/1.0\r\n\r\n', takes: [''] },
  { name: 'an absolute target', wire: 'GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n', takes: [''] },
  { name: 'an absolute target without a path', wire: 'GET http://a?c HTTP/1.1\r\nHost: a\r\n\r\n', takes: [''] },
  { name: 'OPTIONS *', wire: 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', takes: [''] },
  { name: 'a Host with a port', wire: 'GET / HTTP/1.1\r\nHost: a.example:8080\r\n\r\n', takes: [''] },
  { name: 'a Host that is an IPv6 address', wire: 'GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n', takes: [''] },
  { name: 'an unknown method', wire: 'PURGE / HTTP/1.1\r\nHost: a\r\n\r\n', takes: [''] },
  { name: 'nothing after Connection: close', wire: `${get}Connection: close\r\n\r\n${get}\r\n`, takes: [''] },
  { name: 'nothing after HTTP/1.0', wire: `GET / HTTP/1.0\r\nHost: a\r\n\r\n${get}\r\n`, takes: [''] },
  {
    name: 'HTTP/1.0 that is kept',
    wire: `GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n${get}\r\n`,
    takes: ['', ''],
  },

  // framing: what smuggling is made of
  {
    name: 'both lengths',
    wire: `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    refuses: 'invalid-framing',
  },
  {
    name: 'both lengths, the other way round',
    wire: `${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    refuses: 'invalid-framing',
  },
  {
    name: 'two lengths',
    wire: `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
    refuses: 'invalid-framing',
  },
  {
    name: 'the same length twice',
    wire: `${post}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
    refuses: 'invalid-framing',
  },
  { name: 'a list of lengths', wire: `${post}Content-Length: 5, 5\r\n\r\nhello`, refuses: 'invalid-framing' },
  { name: 'a signed length', wire: `${post}Content-Length: +5\r\n\r\nhello`, refuses: 'invalid-framing' },
  { name: 'a negative length', wire: `${post}Content-Length: -5\r\n\r\nhello`, refuses: 'invalid-framing' },
  { name: 'a hexadecimal length', wire: `${post}Content-Length: 0x5\r\n\r\nhello`, refuses: 'invalid-framing' },
  { name: 'a length with a fraction', wire: `${post}Content-Length: 5.0\r\n\r\nhello`, refuses: 'invalid-framing' },
  {
    name: 'a length beyond the safe integers',
    wire: `${post}Content-Length: 99999999999999999999\r\n\r\n`,
    refuses: 'invalid-framing',
  },
  { name: 'an empty length', wire: `${post}Content-Length:\r\n\r\n`, refuses: 'invalid-framing' },
  { name: 'an unknown coding', wire: `${post}Transfer-Encoding: gzip\r\n\r\n`, refuses: 'unsupported-transfer-coding' },
  { name: 'identity', wire: `${post}Transfer-Encoding: identity\r\n\r\n`, refuses: 'unsupported-transfer-coding' },
  {
    name: 'chunked behind another coding',
    wire: `${post}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    refuses: 'unsupported-transfer-coding',
  },
  {
    name: 'chunked that is not last',
    wire: `${post}Transfer-Encoding: chunked, gzip\r\n\r\n`,
    refuses: 'invalid-framing',
  },
  {
    name: 'chunked twice',
    wire: `${post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
    refuses: 'invalid-framing',
  },
  {
    name: 'chunked in two fields',
    wire: `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    refuses: 'invalid-framing',
  },
  {
    name: 'a coding with a parameter',
    wire: `${post}Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n`,
    refuses: 'invalid-framing',
  },
  {
    name: 'a coding behind a vertical tab',
    wire: `${post}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
    refuses: 'malformed-header',
  },
  { name: 'an empty coding', wire: `${post}Transfer-Encoding:\r\n\r\n`, refuses: 'invalid-framing' },
  {
    name: 'a coding in HTTP/1.0',
    wire: 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    refuses: 'invalid-framing',
  },

  // line ends and white space
  { name: 'LF as line end', wire: 'GET / HTTP/1.1\nHost: a\n\n', refuses: 'malformed-request-line' },
  { name: 'LF as line end of a field', wire: `${get}X-A: b\nX-B: c\r\n\r\n`, refuses: 'malformed-header' },
  { name: 'a CR in a value', wire: `${get}X-A: b\rX-B: c\r\n\r\n`, refuses: 'malformed-header' },
  { name: 'a NUL in a value', wire: `${get}X-A: b\0c\r\n\r\n`, refuses: 'malformed-header' },
  { name: 'a DEL in a value', wire: `${get}X-A: b\x7fc\r\n\r\n`, refuses: 'malformed-header' },
  { name: 'a folded value', wire: `${get}X-A: b\r\n c\r\n\r\n`, refuses: 'malformed-header' },
  { name: 'a space before the colon', wire: `${post}Content-Length : 5\r\n\r\nhello`, refuses: 'malformed-header' },
  { name: 'a tab before the colon', wire: `${post}Transfer-Encoding\t: chunked\r\n\r\n`, refuses: 'malformed-header' },
  { name: 'a space in a name', wire: `${get}X A: b\r\n\r\n`, refuses: 'malformed-header' },
  { name: 'an empty name', wire: `${get}: b\r\n\r\n`, refuses: 'malformed-header' },
  { name: 'a field without a colon', wire: `${get}X-A\r\n\r\n`, refuses: 'malformed-header' },
  { name: 'a space before the first field', wire: 'GET / HTTP/1.1\r\n Host: a\r\n\r\n', refuses: 'malformed-header' },

  // the request line
  { name: 'two spaces', wire: 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n', refuses: 'malformed-request-line' },
  { name: 'a tab as separator', wire: 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n', refuses: 'malformed-request-line' },
  { name: 'a space at the end', wire: 'GET / HTTP/1.1 \r\nHost: a\r\n\r\n', refuses: 'malformed-request-line' },
  { name: 'no version', wire: 'GET /\r\n\r\n', refuses: 'malformed-request-line' },
  { name: 'no target', wire: 'GET HTTP/1.1\r\nHost: a\r\n\r\n', refuses: 'malformed-request-line' },
  { name: 'a version in small letters', wire: 'GET / http/1.1\r\nHost: a\r\n\r\n', refuses: 'malformed-request-line' },
  { name: 'HTTP/1.2', wire: 'GET / HTTP/1.2\r\nHost: a\r\n\r\n', refuses: 'unsupported-version' },
  { name: 'HTTP/2.0', wire: 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', refuses: 'unsupported-version' },
  { name: 'the preface of HTTP/2', wire: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', refuses: 'unsupported-version' },
  {
    name: 'a method with a wrong character',
    wire: 'G(T / HTTP/1.1\r\nHost: a\r\n\r\n',
    refuses: 'malformed-request-line',
  },
  { name: 'a TLS greeting', wire: '\x16\x03\x01\x02\x00\x01\x00\x01', refuses: 'malformed-request-line' },
  { name: 'CONNECT', wire: 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', refuses: 'unsupported-method' },
  { name: 'a fragment in the target', wire: 'GET /#a HTTP/1.1\r\nHost: a\r\n\r\n', refuses: 'invalid-uri' },
  { name: 'a back slash in the target', wire: 'GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n', refuses: 'invalid-uri' },
  { name: 'a raw byte in the target', wire: 'GET /caf\xe9 HTTP/1.1\r\nHost: a\r\n\r\n', refuses: 'invalid-uri' },
  { name: 'a target that is no path', wire: 'GET a HTTP/1.1\r\nHost: a\r\n\r\n', refuses: 'invalid-uri' },
  { name: 'an asterisk with another method', wire: 'GET * HTTP/1.1\r\nHost: a\r\n\r\n', refuses: 'invalid-uri' },
  {
    name: 'an absolute target of another scheme',
    wire: 'GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n',
    refuses: 'invalid-uri',
  },
  { name: 'a long target', wire: `GET /${'a'.repeat(8192)} HTTP/1.1\r\nHost: a\r\n\r\n`, refuses: 'uri-too-long' },
  { name: 'a target without end', wire: `GET /${'a'.repeat(20_000)}`, refuses: 'uri-too-long' },

  // host
  { name: 'no Host', wire: 'GET / HTTP/1.1\r\n\r\n', refuses: 'invalid-host' },
  { name: 'two Hosts', wire: 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', refuses: 'invalid-host' },
  { name: 'a Host with an empty label', wire: 'GET / HTTP/1.1\r\nHost: a..b\r\n\r\n', refuses: 'invalid-host' },
  { name: 'a Host that begins with a dot', wire: 'GET / HTTP/1.1\r\nHost: .a\r\n\r\n', refuses: 'invalid-host' },
  { name: 'a Host with the dot of the root', wire: 'GET / HTTP/1.1\r\nHost: a.example.\r\n\r\n', takes: [''] },
  { name: 'an empty Host', wire: 'GET / HTTP/1.1\r\nHost:\r\n\r\n', refuses: 'invalid-host' },
  { name: 'a Host with a path', wire: 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', refuses: 'invalid-host' },
  { name: 'a Host with a user', wire: 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n', refuses: 'invalid-host' },
  { name: 'a Host with two names', wire: 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n', refuses: 'invalid-host' },
  { name: 'an absolute target without Host', wire: 'GET http://a/ HTTP/1.1\r\n\r\n', refuses: 'invalid-host' },
  {
    name: 'an absolute target with a user',
    wire: 'GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n',
    refuses: 'invalid-host',
  },

  // limits and expectations
  { name: 'too many fields', wire: `${get}${'X-A: b\r\n'.repeat(100)}\r\n`, refuses: 'headers-too-large' },
  { name: 'a head that is too large', wire: `${get}X-A: ${'b'.repeat(16_384)}\r\n\r\n`, refuses: 'headers-too-large' },
  {
    name: 'fields without end',
    wire: `${get}${`X-A: ${'b'.repeat(500)}\r\n`.repeat(40)}`,
    refuses: 'headers-too-large',
  },
  {
    name: 'an unknown expectation',
    wire: `${post}Content-Length: 1\r\nExpect: tea\r\n\r\na`,
    refuses: 'unsupported-expectation',
  },

  // chunks: the request was taken, but never completed
  { name: 'a chunk size that is no number', wire: `${chunked}x\r\na\r\n`, takes: [''], refuses: 'malformed-chunk' },
  { name: 'an empty chunk size', wire: `${chunked}\r\n`, takes: [''], refuses: 'malformed-chunk' },
  {
    name: 'a space behind a chunk size',
    wire: `${chunked}1 \r\na\r\n0\r\n\r\n`,
    takes: [''],
    refuses: 'malformed-chunk',
  },
  {
    name: 'a sign before a chunk size',
    wire: `${chunked}+1\r\na\r\n0\r\n\r\n`,
    takes: [''],
    refuses: 'malformed-chunk',
  },
  { name: '0x before a chunk size', wire: `${chunked}0x1\r\na\r\n0\r\n\r\n`, takes: [''], refuses: 'malformed-chunk' },
  { name: 'LF behind a chunk size', wire: `${chunked}1\na\r\n0\r\n\r\n`, takes: [''], refuses: 'malformed-chunk' },
  {
    name: 'a chunk longer than its size',
    wire: `${chunked}1\r\nab\r\n0\r\n\r\n`,
    takes: ['a'],
    refuses: 'malformed-chunk',
  },
  { name: 'LF behind a chunk', wire: `${chunked}1\r\na\n0\r\n\r\n`, takes: ['a'], refuses: 'malformed-chunk' },
  {
    name: 'a chunk size beyond the safe integers',
    wire: `${chunked}FFFFFFFFFFFFFFFF\r\n`,
    takes: [''],
    refuses: 'malformed-chunk',
  },
  {
    name: 'an extension without a name',
    wire: `${chunked}1;\r\na\r\n0\r\n\r\n`,
    takes: [''],
    refuses: 'malformed-chunk',
  },
  { name: 'LF in an extension', wire: `${chunked}1;a\nb\r\na\r\n0\r\n\r\n`, takes: [''], refuses: 'malformed-chunk' },
  {
    name: 'an extension that is too long',
    wire: `${chunked}1;${'a'.repeat(300)}\r\na\r\n0\r\n\r\n`,
    takes: [''],
    refuses: 'malformed-chunk',
  },
  { name: 'a trailer without a colon', wire: `${chunked}0\r\nX-Sum\r\n\r\n`, takes: [''], refuses: 'malformed-chunk' },
  {
    name: 'LF in the trailers',
    wire: `${chunked}0\r\nX-Sum: 1\nX: 2\r\n\r\n`,
    takes: [''],
    refuses: 'malformed-chunk',
  },
]
