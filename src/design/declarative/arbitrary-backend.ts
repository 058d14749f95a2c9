import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { createVault } from '../../lib/vault.ts'
import { grpcFailures } from '../../plugins/grpc-statuses.ts'
import { secretKey } from './arbitrary-plugins.ts'
import { some } from './arbitrary-texts.ts'

/** Backends for properties, as an export writes them: without what is the default, and their secrets protected. */

const read = (name: string) => readFileSync(new URL(`../testdata/${name}`, import.meta.url), 'utf8')
const certificate = read('client.pem')
const key = createVault(secretKey).seal(read('client-key.pem'))

const targets = fc.uniqueArray(
  fc.record(
    { url: fc.constantFrom('http://127.0.0.1:1', 'unix:/run/a.sock:/v1'), weight: fc.constantFrom(2, 3) },
    { requiredKeys: ['url'] },
  ),
  { minLength: 1, maxLength: 2, selector: ({ url }) => url },
)
const secureTargets = targets.map((all) => [{ url: 'https://b.example.com/v1' }, ...all])

const tls = fc
  .record({
    checks: fc.oneof(fc.constant({ verify: false }), some({ ca: fc.constant(certificate) })),
    name: some({ serverName: fc.constantFrom('b.internal', 'c') }),
    own: fc.constantFrom({}, { certificate, key }),
  })
  .map(({ checks, name, own }) => ({ ...checks, ...name, ...own }))

const balancing = fc.oneof(
  fc.constantFrom({ method: 'least-requests' }, { method: 'consistent-hash' }),
  fc.record({ method: fc.constant('consistent-hash'), key: fc.constant('consumer') }),
  fc.record({
    method: fc.constant('consistent-hash'),
    key: fc.constantFrom('header', 'cookie'),
    name: fc.constantFrom('X-Tenant', 'session'),
  }),
)
const connections = some({
  idle: fc.constantFrom(0, 8),
  idleTimeout: fc.constantFrom(5, 30.5),
}).chain((unused) =>
  fc
    .oneof(
      fc.constant({}),
      fc.record(
        { limit: fc.constantFrom(1, 100), queue: fc.constantFrom(1, 50), queueTimeout: fc.constantFrom(0.5, 3) },
        { requiredKeys: ['limit'] },
      ),
    )
    .map((bounded) => ({ ...unused, ...bounded })),
)

const active = some({
  kind: fc.constant('tcp'),
  method: fc.constantFrom('HEAD', 'OPTIONS'),
  path: fc.constantFrom('/healthz', '/a?b=c'),
  host: fc.constantFrom('a.example', 'b.example:81'),
  statuses: fc.constantFrom(['200'], ['2xx', '401']),
  interval: fc.constantFrom(5, 30),
  jitterPercent: fc.constantFrom(0, 50),
  timeout: fc.constantFrom(0.5, 5),
  healthyAfter: fc.constantFrom(1, 3),
  unhealthyAfter: fc.constantFrom(1, 2),
})
const passive = some({
  consecutive: fc.constantFrom(1, 3),
  inWindow: fc.constantFrom(1, 20),
  window: fc.constantFrom(1, 60),
  statuses: fc.constantFrom([], ['5xx'], ['429', '500']),
  grpcStatuses: fc.subarray([...grpcFailures]),
  ejection: fc.constantFrom(1, 5),
  maxEjection: fc.constantFrom(20, 60),
})
const health = fc.record({
  checks: fc.oneof(fc.record({ active }), fc.record({ passive }), fc.record({ active, passive })),
  others: some({ slowStart: fc.constantFrom(1, 30), panicPercent: fc.constantFrom(0, 100) }),
})

const settings = some({
  protocol: fc.constantFrom('auto', 'http1', 'http2'),
  balancing,
  connections,
  health: health.map(({ checks, others }) => ({ ...others, ...checks })),
})

/** Backends with every field and choice that there is. */
export const arbitraryBackend = fc.oneof(
  fc.record({ targets, settings }).map(({ targets, settings }) => ({ targets, ...settings })),
  fc
    .record({ targets: secureTargets, tls, settings })
    .map(({ targets, tls, settings }) => ({ targets, tls, ...settings })),
)
