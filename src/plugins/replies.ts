/**
 * Everything that the gateway itself answers when it refuses or fails a request.
 *
 * `gatewayResponses` are the types that a user can redefine; `replies` are the single reasons, each of one type. A
 * reply's name is the stable `code` of the problem details, the label of the metrics and the entry in the reference.
 */

/** A type of gateway response: one row of product section 8. */
export interface GatewayResponseType {
  readonly status: number
  readonly title: string
}

/** The types of gateway responses, by name. Statuses and titles are the defaults. */
export const gatewayResponses = {
  unauthorized: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  'not-found': { status: 404, title: 'Not Found' },
  'method-not-allowed': { status: 405, title: 'Method Not Allowed' },
  'bad-request': { status: 400, title: 'Bad Request' },
  'invalid-uri': { status: 400, title: 'Invalid URI' },
  'unsupported-media-type': { status: 415, title: 'Unsupported Media Type' },
  'request-timeout': { status: 408, title: 'Request Timeout' },
  'payload-too-large': { status: 413, title: 'Content Too Large' },
  'uri-too-long': { status: 414, title: 'URI Too Long' },
  'upgrade-required': { status: 426, title: 'Upgrade Required' },
  'expectation-failed': { status: 417, title: 'Expectation Failed' },
  'misdirected-request': { status: 421, title: 'Misdirected Request' },
  'headers-too-large': { status: 431, title: 'Request Header Fields Too Large' },
  'rate-limited': { status: 429, title: 'Too Many Requests' },
  'quota-exceeded': { status: 429, title: 'Quota Exceeded' },
  'jwks-error': { status: 500, title: 'Internal Server Error' },
  'invalid-context-variable': { status: 500, title: 'Internal Server Error' },
  'internal-error': { status: 500, title: 'Internal Server Error' },
  'not-implemented': { status: 501, title: 'Not Implemented' },
  'forward-auth-failed': { status: 502, title: 'Bad Gateway' },
  'bad-gateway': { status: 502, title: 'Bad Gateway' },
  'upstream-unavailable': { status: 503, title: 'Service Unavailable' },
  'gateway-timeout': { status: 504, title: 'Gateway Timeout' },
  'version-not-supported': { status: 505, title: 'HTTP Version Not Supported' },
} as const satisfies Record<string, GatewayResponseType>

export type GatewayResponseName = keyof typeof gatewayResponses

/** One reason for an answer of the gateway's own. */
export interface ReplyDefinition {
  readonly type: GatewayResponseName
  /** One sentence for the caller; the default `detail` of the problem. */
  readonly detail: string
  /** Whose fault it is: decides who is alarmed. */
  readonly fault: 'client' | 'backend' | 'gateway'
  /** Whether the same request may succeed if sent again later. */
  readonly retry: boolean
}

const client = (type: GatewayResponseName, detail: string, retry = false): ReplyDefinition => ({
  type,
  detail,
  fault: 'client',
  retry,
})
const backend = (type: GatewayResponseName, detail: string, retry = true): ReplyDefinition => ({
  type,
  detail,
  fault: 'backend',
  retry,
})
const gateway = (type: GatewayResponseName, detail: string, retry = true): ReplyDefinition => ({
  type,
  detail,
  fault: 'gateway',
  retry,
})

/** Every reply, by its code. */
export const replies = {
  // the wire: what the codec refuses (RFC 9112); the connection is closed after each
  'malformed-request-line': client('bad-request', 'The request line is malformed.'),
  'malformed-header': client('bad-request', 'A header field is malformed.'),
  'invalid-host': client('bad-request', 'The request must carry exactly one valid Host.'),
  'invalid-framing': client('bad-request', 'The length of the request body is ambiguous or malformed.'),
  'malformed-chunk': client('bad-request', 'The chunked request body is malformed.'),
  'unsupported-transfer-coding': client('not-implemented', 'The only transfer coding that is supported is chunked.'),
  'unsupported-version': client(
    'version-not-supported',
    'The only versions that are supported are HTTP/1.0 and HTTP/1.1.',
  ),
  'unsupported-method': client('not-implemented', 'This method cannot be forwarded.'),
  'unsupported-expectation': client('expectation-failed', 'The only expectation that is supported is 100-continue.'),
  'headers-too-large': client('headers-too-large', 'The header fields of the request are too large or too many.'),
  'uri-too-long': client('uri-too-long', 'The request target is too long.'),
  'invalid-uri': client('invalid-uri', 'The request target is not valid or not allowed.'),
  'request-timeout': client('request-timeout', 'The request was not received in time.', true),
  'payload-too-large': client('payload-too-large', 'The request body is larger than allowed.'),
  // routing
  'unknown-host': client('not-found', 'No API is served under this host name.'),
  'not-found': client('not-found', 'No resource is served under this path.'),
  'method-not-allowed': client('method-not-allowed', 'This resource does not have this method.'),
  'https-required': client('forbidden', 'This API is only served over HTTPS.'),
  // guards
  'ip-denied': client('forbidden', 'Requests from this address are not allowed.'),
  // who it is
  'basic-auth-missing': client('unauthorized', 'A name and a password are needed (Authorization: Basic).'),
  'basic-auth-malformed': client('unauthorized', 'The credentials are malformed.'),
  'basic-auth-wrong': client('unauthorized', 'Name or password is wrong.'),
  'basic-auth-busy': client('rate-limited', 'Too many passwords are being checked: try again in a moment.', true),
  'hmac-missing': client('unauthorized', 'The request must be signed (Authorization: hmac).'),
  'hmac-malformed': client('unauthorized', 'What is said of the signature is malformed.'),
  'hmac-algorithm': client('unauthorized', 'The algorithm of the signature is missing or not taken.'),
  'hmac-signature-missing': client('unauthorized', 'The signature is missing or malformed.'),
  'hmac-key-missing': client('unauthorized', 'The signature must say which key it is by (keyId).'),
  'hmac-header-unsigned': client('unauthorized', 'A header that must be signed is not.'),
  'hmac-header-missing': client('unauthorized', 'A header that is signed is missing.'),
  'hmac-date-missing': client('unauthorized', 'The date of the signature is missing.'),
  'hmac-date-malformed': client('unauthorized', 'The date of the signature must be ISO 8601 with Z or an offset.'),
  'hmac-expired': client('unauthorized', 'The date of the signature is too far from now.'),
  'hmac-mismatch': client('unauthorized', 'The signature does not fit the request.'),
  'hmac-body-digest': client('unauthorized', 'The digest does not fit the body.'),
  'hmac-replayed': client('unauthorized', 'The signature was used before.'),
  'key-missing': client('unauthorized', 'An API key is needed.'),
  'key-invalid': client('unauthorized', 'The API key is not one that is taken.'),
  'key-not-subscribed': client('forbidden', 'The API key may not call this API.'),
  'key-rate-limited': client('rate-limited', 'Too many requests with this API key: come again later.', true),
  'key-quota-exceeded': client('quota-exceeded', 'The quota of this API key is used up.', true),
  'mtls-no-tls': client('forbidden', 'A client certificate is needed, over HTTPS.'),
  'mtls-misdirected': client(
    'misdirected-request',
    'No client certificate was asked for when this connection was opened: open another one for this host.',
    true,
  ),
  'mtls-missing': client('forbidden', 'A client certificate is needed.'),
  'mtls-invalid': client('forbidden', 'The client certificate is not one that is taken.'),
  'mtls-denied': client('forbidden', 'This is not open to the owner of this client certificate.'),
  'jwt-missing': client('unauthorized', 'A token is needed (Authorization: Bearer).'),
  'jwt-too-large': client('unauthorized', 'The token is too large.'),
  'jwt-malformed': client('unauthorized', 'The token is malformed.'),
  'jwt-key-unknown': client('unauthorized', 'The token is by a key or an algorithm that is not taken.'),
  'jwt-signature': client('unauthorized', 'The signature of the token is wrong.'),
  'jwt-expired': client('unauthorized', 'The token has expired.'),
  'jwt-not-yet-valid': client('unauthorized', 'The token does not hold yet.'),
  'jwt-issuer': client('unauthorized', 'The token is of an issuer that is not taken.'),
  'jwt-audience': client('unauthorized', 'The token is for somebody else.'),
  'jwt-claim': client('unauthorized', 'A claim of the token is not what this API takes.'),
  'jwks-unavailable': gateway('jwks-error', 'The keys that tokens are verified by cannot be had.'),
  'token-missing': client('unauthorized', 'A token is needed (Authorization: Bearer).'),
  'token-inactive': client('unauthorized', 'The token is not known, has expired or was withdrawn.'),
  'token-scope': client('forbidden', 'The token does not have a scope that is needed.'),
  'introspection-failed': backend('bad-gateway', 'The server that knows the tokens could not be asked.'),
  'acl-unauthenticated': client('unauthorized', 'This is not open to callers that nobody knows.'),
  'acl-denied': client('forbidden', 'This is not open to this caller.'),
  'policy-value-denied': client('forbidden', 'What this API tells callers by is missing or not known.'),
  'policy-value-repeated': client('bad-request', 'The header that this API tells callers by is there more than once.'),
  'policy-address-denied': client('forbidden', 'Such requests are not allowed from this address.'),
  'rate-limited': client('rate-limited', 'Too many requests: come again later.', true),
  'rate-limit-no-key': client('bad-request', 'The request does not say by what its limit goes.'),
  'concurrency-limited': client('rate-limited', 'Too many requests are under way: come again later.', true),
  'websocket-handshake': client('bad-request', 'The WebSocket handshake is malformed.'),
  'websocket-version': client('upgrade-required', 'The only version of WebSocket that is supported is 13.'),
  'websocket-required': client('upgrade-required', 'Only WebSockets are served here.'),
  'websocket-origin': client('forbidden', 'Pages of this origin may not open WebSockets here.'),
  'websocket-protocol': client('bad-request', 'None of the subprotocols on offer is taken here.'),
  'websocket-limit': client('rate-limited', 'Too many WebSockets are open: come again later.', true),
  'validation-failed': client('bad-request', 'The request is not what this method takes.'),
  'unsupported-content-type': client('unsupported-media-type', 'The body is of a type that this method does not take.'),
  'forward-auth-failed': backend('forward-auth-failed', 'The service that decides about requests could not be asked.'),
  'forward-auth-loop': gateway(
    'forward-auth-failed',
    'The service that decides about requests is behind this very route.',
    false,
  ),
  // the gateway itself
  'internal-error': gateway('internal-error', 'The gateway could not process the request.'),
  'invalid-context-variable': gateway(
    'invalid-context-variable',
    'A context variable of this API holds a value that cannot be used there.',
    false,
  ),
  // the backend
  'backend-unreachable': backend('bad-gateway', 'The backend could not be reached.'),
  'backend-closed': backend('bad-gateway', 'The backend closed the connection before it answered.'),
  'backend-malformed': backend('bad-gateway', 'The backend sent a response that is not valid HTTP.'),
  'backend-handshake': backend('bad-gateway', 'The backend answered the WebSocket handshake wrongly.', false),
  'response-too-large': backend('bad-gateway', 'The answer of the backend is larger than this API takes.', false),
  'backend-unavailable': backend('upstream-unavailable', 'No backend is available.'),
  'backend-connect-timeout': backend('gateway-timeout', 'The backend did not accept a connection in time.'),
  'backend-timeout': backend('gateway-timeout', 'The backend did not answer in time.'),
} as const satisfies Record<string, ReplyDefinition>

export type ReplyCode = keyof typeof replies
