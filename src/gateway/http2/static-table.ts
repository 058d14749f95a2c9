import { type Field, makeField } from './fields.ts'

/** The static table of HPACK (RFC 7541, appendix A). Indexes begin with 1. */

const entries = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`

/** Its fields in order; the first has index 1. */
export const staticTable: readonly Field[] = entries.split('\n').map((entry) => {
  const space = entry.indexOf(' ')
  return space === -1 ? makeField(entry, '') : makeField(entry.slice(0, space), entry.slice(space + 1))
})

/** The index of the first field of each name. */
export const staticNames: ReadonlyMap<string, number> = new Map(
  staticTable.map(({ name }, i) => [name, i + 1] as const).toReversed(),
)

/** The index of a whole field, 0 where it is not in the table. */
export function staticIndex(name: string, value: string): number {
  return staticTable.findIndex((field) => field.name === name && field.value === value) + 1
}
