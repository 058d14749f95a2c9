/** Authorities (RFC 3986, section 3.2), as `Host` and targets name them. */

/** The host name of a valid authority: in lower case, without port and without the dot at the end. */
export function hostName(authority: string): string {
  return authority.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}

const AUTHORITY = /^(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/

/** What no name has, though the grammar lets it pass: an empty label other than the root's at the end. */
const EMPTY_LABEL = /^\.|\.\./

/** A host name or IP literal with an optional port (RFC 3986, section 3.2, without user information). */
export function isAuthority(value: string): boolean {
  return value.length <= 261 && AUTHORITY.test(value) && !EMPTY_LABEL.test(value)
}
