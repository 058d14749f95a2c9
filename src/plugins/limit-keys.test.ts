import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { concurrencyLimit } from './concurrency-limit.ts'
import { type ExchangeParts, exchange, fakeEnv, fakeLimits } from './fake-exchange.ts'
import type { LimitKey } from './limit-keys.ts'
import { rateLimit } from './rate-limit.ts'

const byAll: LimitKey = { scope: 'route', by: 'all', withoutKey: 'pass' }

/** Two requests that come one after the other, and whether one limit of 1 counts them together. */
const pairs: [what: string, key: Partial<LimitKey>, one: ExchangeParts, other: ExchangeParts, together: boolean][] = [
  ['all', {}, { clientIp: '192.0.2.1' }, { clientIp: '192.0.2.2' }, true],
  ['client-ip', { by: 'client-ip' }, { clientIp: '192.0.2.1' }, { clientIp: '192.0.2.1' }, true],
  ['client-ip', { by: 'client-ip' }, { clientIp: '192.0.2.1' }, { clientIp: '192.0.2.2' }, false],
  [
    'header',
    { by: 'header', name: 'X-Tenant' },
    { headers: { 'x-tenant': 'a' } },
    { headers: { 'x-tenant': 'a' } },
    true,
  ],
  [
    'header',
    { by: 'header', name: 'X-Tenant' },
    { headers: { 'x-tenant': 'a' } },
    { headers: { 'x-tenant': 'b' } },
    false,
  ],
  ['no header', { by: 'header', name: 'X-Tenant' }, {}, {}, false],
  ['path variable', { by: 'path-variable', name: 'id' }, { variables: { id: '1' } }, { variables: { id: '1' } }, true],
  ['path variable', { by: 'path-variable', name: 'id' }, { variables: { id: '1' } }, { variables: { id: '2' } }, false],
  [
    'consumer',
    { by: 'consumer' },
    { consumer: { id: 'a', name: 'A', groups: [] } },
    { consumer: { id: 'a', name: 'B', groups: [] } },
    true,
  ],
  [
    'consumer',
    { by: 'consumer' },
    { consumer: { id: 'a', name: 'A', groups: [] } },
    { consumer: { id: 'b', name: 'A', groups: [] } },
    false,
  ],
  ['no consumer', { by: 'consumer' }, {}, {}, false],
  [
    'template',
    { by: 'template', template: `\${request.httpMethod} \${request.clientIp}` },
    { method: 'GET' },
    { method: 'GET' },
    true,
  ],
  [
    'template',
    { by: 'template', template: `\${request.httpMethod} \${request.clientIp}` },
    { method: 'GET' },
    { method: 'PUT' },
    false,
  ],
  ['template of which a part is missing', { by: 'template', template: `a \${request.header.x}` }, {}, {}, false],
  ['template of which a part may be missing', { by: 'template', template: `a $!{request.header.x}` }, {}, {}, true],
]

for (const plugin of [rateLimit, concurrencyLimit])
  describe(plugin.name, () => {
    const create = (key: Partial<LimitKey>, env = fakeEnv()) =>
      plugin === rateLimit
        ? rateLimit.create({ requests: 1, period: 'second', headers: false, ...byAll, ...key }, env)
        : concurrencyLimit.create({ requests: 1, ...byAll, ...key }, env)

    for (const [what, key, one, other, together] of pairs)
      test(`by ${what}: ${together ? 'together' : 'each for itself'}`, () => {
        const { onRequest } = create(key)
        assert.equal(onRequest?.(exchange(one)), undefined)
        const reply = onRequest?.(exchange(other))
        assert.equal(reply !== undefined, together)
        if (together) assert.ok(reply && 'reply' in reply && reply.reply.endsWith('-limited'))
      })

    test('a request without a key is refused where it shall be', () => {
      const { onRequest } = create({ by: 'consumer', withoutKey: 'refuse' })
      assert.deepEqual(onRequest?.(exchange()), { reply: 'rate-limit-no-key' })
    })

    for (const scope of ['route', 'stage'] as const)
      test(`per ${scope}`, () => {
        const limits = fakeLimits()
        const on = (routeId: string, stageId = 's1') =>
          create({ scope }, fakeEnv({ limits, scope: { ...fakeEnv().scope, stageId, routeId } })).onRequest?.(
            exchange(),
          )
        assert.equal(on('r1'), undefined)
        assert.equal(on('r2') === undefined, scope === 'route')
        assert.equal(on('r1', 's2'), undefined)
      })

    const mistakes: [what: string, key: Partial<LimitKey>, path: string, message: RegExp][] = [
      ['a header without a name', { by: 'header' }, '/name', /Name the header/],
      ['a name for nothing', { name: 'x' }, '/name', /means nothing/],
      ['no template', { by: 'template' }, '/template', /Give the template/],
      ['a template for nothing', { template: 'x' }, '/template', /means nothing/],
      [
        'an unknown variable in a template',
        { by: 'template', template: `\${nothing}` },
        '/template',
        /not a context variable/,
      ],
      ['a path variable that is not there', { by: 'path-variable', name: 'no' }, '/name', /it has id/],
    ]
    for (const [what, key, path, message] of mistakes)
      test(`${what} is a mistake`, () => {
        const [problem] =
          plugin.check?.(
            { requests: 1, period: 'second', headers: true, ...byAll, ...key },
            { pathVariables: ['id'] },
          ) ?? []
        assert.equal(problem?.path, path)
        assert.match(problem.message, message)
      })
  })
