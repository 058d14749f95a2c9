/** Character classes of RFC 9110 and RFC 3986 as tables of 256 flags, so that each byte of a head is looked at once. */

function table(accept: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (accept(code) ? 1 : 0))
}

const oneOf = (characters: string) => (code: number) => characters.includes(String.fromCharCode(code))
const isAlphanumeric = (code: number) => /[0-9A-Za-z]/.test(String.fromCharCode(code))

/** `tchar` (RFC 9110, section 5.6.2): what methods and field names are made of. */
export const TOKEN = table((code) => isAlphanumeric(code) || oneOf("!#$%&'*+-.^_`|~")(code))

/** What a request target may hold (RFC 3986, section 2): unreserved, reserved but `#`, and `%`. */
export const TARGET = table((code) => isAlphanumeric(code) || oneOf("-._~:/?[]@!$&'()*+,;=%")(code))

/** What a field value may hold (RFC 9110, section 5.5): visible characters, `obs-text`, space and tab. */
export const VALUE = table((code) => code === 0x09 || (code >= 0x20 && code !== 0x7f))

export const CR = 0x0d
export const LF = 0x0a
export const SPACE = 0x20
export const TAB = 0x09
export const COLON = 0x3a
export const SLASH = 0x2f
