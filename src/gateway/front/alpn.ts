/** Application protocols that clients are offered over TLS, the best first (ALPN, RFC 7301). */
export const PROTOCOLS = ['h2', 'http/1.1']
