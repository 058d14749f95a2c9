import { call } from '../support/design.ts'
import type { Turnpike } from '../support/turnpike.ts'

/** A setup as a team would have it after some weeks, so that every view has something to show. */

/** What `acme` calls with. */
const ACME_KEY = 'acme0123456789'

const pet = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, kind: { type: 'string', default: 'cat' } },
}
const content = (schema: object) => [{ contentType: 'application/json', schema }]

/** As a declarative file would have it. The service is `shop`, with the stages `live` and `test`. */
const setup = (backendUrl: string) => ({
  turnpike: 1,
  services: {
    shop: {
      description: 'Pets: who they are, and who wants one.',
      design: {
        models: { Pet: { description: 'One that can be taken home.', schema: pet } },
        gatewayResponses: {
          'not-found': { bodies: [{ contentType: 'application/json', body: '{"message":"There is no such page."}' }] },
        },
        paths: {
          '/': {
            plugins: [
              { plugin: 'request-id', config: { header: 'x-request-id' } },
              { plugin: 'cors', config: { origins: ['https://shop.example.com'] } },
            ],
          },
          '/pets': {
            description: 'All pets.',
            methods: {
              GET: {
                name: 'List pets',
                description: 'All of them, or those of one kind.',
                tags: ['Pets'],
                parameters: [{ in: 'query', name: 'kind', schema: { type: 'string' } }],
                responses: [
                  {
                    status: '200',
                    description: 'The pets.',
                    content: content({ type: 'array', items: { $ref: '#/models/Pet' } }),
                  },
                ],
                plugins: [{ plugin: 'rate-limit', config: { requests: 100, period: 'second' } }],
              },
              POST: {
                name: 'Add a pet',
                tags: ['Pets'],
                requestBody: { required: true, content: content({ $ref: '#/models/Pet' }) },
                plugins: [{ plugin: 'request-validator', config: {} }],
              },
            },
          },
          '/pets/{petId}': {
            methods: {
              GET: { name: 'Read a pet', tags: ['Pets'] },
              DELETE: { name: 'Remove a pet', tags: ['Pets'], deprecated: true },
            },
          },
          '/status/{code}': { methods: { GET: { name: 'Answer with a status' } } },
          '/slow': { methods: { GET: { name: 'Answer slowly' } } },
          '/health': {
            methods: {
              GET: {
                name: 'Whether it is well',
                backend: { kind: 'mock', body: '{"status":"ok"}', headers: { 'content-type': 'application/json' } },
              },
            },
          },
        },
      },
      policies: {
        tenants: {
          description: 'What each tenant may do.',
          key: { in: 'header', name: 'x-tenant' },
          values: [{ value: 'acme', requestsPerSecond: 20 }],
        },
      },
      stages: {
        live: {
          isDefault: true,
          domains: ['api.shop.example'],
          variables: { region: 'eu-1' },
          backend: { targets: [{ url: backendUrl }] },
          overlay: { '/pets/{petId}': { plugins: [{ plugin: 'key-auth', config: {} }] } },
        },
        test: { backend: { targets: [{ url: backendUrl }] } },
      },
    },
    travel: {
      description: 'Trains and stations.',
      design: { paths: { '/stations': { methods: { GET: { name: 'List stations' } } } } },
      stages: { live: { isDefault: true, backend: { targets: [{ url: backendUrl }] } } },
    },
  },
  plans: {
    gold: {
      description: 'For partners',
      requestsPerSecond: 50,
      burst: 100,
      quota: { requests: 1000, per: 'month' },
      stages: ['shop/live'],
    },
    free: { requestsPerSecond: 1, quota: { requests: 100, per: 'day' }, stages: ['shop/live'] },
  },
  keys: {
    acme: {
      description: 'ada@acme.example',
      values: { primary: ACME_KEY },
      expiresAt: '2030-12-31T00:00:00Z',
      subscriptions: { 'shop/live': 'gold' },
    },
    'Old shop': { active: false },
  },
})

/** Fills an empty program, and sends it some requests. */
export async function seed(turnpike: Turnpike): Promise<void> {
  const { url } = await call(turnpike, 'POST', '/demo')
  await call(turnpike, 'POST', '/declarative/apply', {
    document: setup(String(url)),
    deploy: true,
    fingerprint: null,
    note: 'First version',
  })
  await call(turnpike, 'PUT', '/services/shop/stages/live/alerts/too-many-errors', {
    kind: 'server-errors',
    threshold: 5,
    minCalls: 10,
    forMinutes: 0,
  })
  await call(turnpike, 'PUT', '/services/shop/stages/live/alerts/too-slow', { kind: 'latency', threshold: 2000 })
  await call(turnpike, 'PATCH', '/services/shop', { description: 'Pets: who they are, where, and who wants one.' })
  await call(turnpike, 'POST', '/services/shop/stages/live/deployments', { note: 'Keys for single pets' })
  await call(turnpike, 'PUT', '/services/shop/gateway-responses/unauthorized', {
    status: 401,
    headers: {},
    bodies: [{ contentType: 'application/json', body: '{"message":"Who are you?"}' }],
  })
  await traffic(turnpike)
}

const REQUESTS: readonly [times: number, target: string, key?: string][] = [
  [40, '/pets'],
  [12, '/pets?kind=cat'],
  [20, '/pets/1', ACME_KEY],
  [4, '/pets/999', ACME_KEY],
  [6, '/pets/1'],
  [3, '/status/503'],
  [5, '/slow?ms=40'],
  [2, '/nothing'],
  [8, '/health'],
]

async function traffic(turnpike: Turnpike): Promise<void> {
  for (const [times, target, key] of REQUESTS) {
    const headers = key === undefined ? [] : [{ name: 'x-api-key', value: key }]
    const one = () => call(turnpike, 'POST', '/services/shop/stages/live/send', { target, headers })
    await Promise.all(Array.from({ length: times }, one))
  }
}
