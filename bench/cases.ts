import { deployRoutes, HOST, SERVICE } from './subjects/api.ts'
import type { Turnpike } from './subjects/turnpike.ts'

/** What Turnpike is set up to do while it is compared with its peers. All subjects get the same requests. */
export interface Case {
  readonly name: string
  readonly summary: string
  /** The host and path that are asked for. */
  readonly host: string
  readonly path: string
  /** Fields that are sent beside the usual ones, as `Name: value`. */
  readonly headers?: readonly string[]
  setUp(turnpike: Turnpike, upstreamUrl: string): Promise<void>
  /** Whether clients speak TLS: subjects that do not are left out. */
  readonly isTls?: true
  /** A second Turnpike in the same run, to compare the first with. */
  readonly baseline?: Pick<Case, 'setUp'> & { readonly name: string }
  readonly aims: Aims
}

/** The most that a ratio should be; see `docs/performance.md`. */
export interface Aims {
  /** CPU per request, to nginx's. */
  readonly cpuToNginx?: number
  /** CPU per request, to the baseline's. */
  readonly cpuToBaseline?: number
  /** 99th percentile of latency under full load, to nginx's. */
  readonly p99ToNginx?: number
}

const routes =
  (count: number): Case['setUp'] =>
  (turnpike, upstreamUrl) =>
    deployRoutes(turnpike, upstreamUrl, count)

/** One route, and on its stage these plugins. */
const withPlugins =
  (...plugins: readonly { readonly plugin: string; readonly config: object }[]): Case['setUp'] =>
  async (turnpike, upstreamUrl) => {
    await deployRoutes(turnpike, upstreamUrl, 1)
    await turnpike.api('PATCH', `/services/${SERVICE}/stages/live`, { plugins })
    await turnpike.api('POST', `/services/${SERVICE}/stages/live/deployments`, {})
  }

const KEY = 'bench-key-0123456789'

/** A key of a plan with a rate and a quota that let all pass. */
async function subscribeKey(turnpike: Turnpike): Promise<void> {
  const quota = { requests: 1_000_000_000, per: 'month' }
  await turnpike.api('POST', '/plans', { name: 'bench', requestsPerSecond: 1_000_000, quota })
  await turnpike.api('PUT', `/plans/bench/stages/${SERVICE}/live`)
  await turnpike.api('POST', '/keys', { name: 'bench', primary: KEY })
  await turnpike.api('PUT', `/keys/bench/subscriptions/${SERVICE}/live`, { plan: 'bench' })
}

/** To add a case, add its entry. */
export const cases: readonly Case[] = [
  {
    name: 'bare',
    summary: 'one route, no plugins',
    host: HOST,
    path: '/called/4711',
    setUp: routes(1),
    aims: { cpuToNginx: 1.3, p99ToNginx: 2 },
  },
  {
    name: 'https',
    summary: 'one route, no plugins, clients over TLS',
    host: HOST,
    path: '/called/4711',
    isTls: true,
    setUp: routes(1),
    aims: { cpuToNginx: 1.4, p99ToNginx: 2 },
  },
  {
    name: 'routes-10000',
    summary: '10,000 routes in one service instead of one',
    host: HOST,
    path: '/called/4711',
    setUp: routes(10_000),
    baseline: { name: 'turnpike-1-route', setUp: routes(1) },
    aims: { cpuToBaseline: 1.05 },
  },
  {
    name: 'condition',
    summary: 'a plugin whose condition does not hold, instead of none',
    host: HOST,
    path: '/called/4711',
    async setUp(turnpike, upstreamUrl) {
      await deployRoutes(turnpike, upstreamUrl, 1)
      await turnpike.api('PATCH', `/services/${SERVICE}/stages/live`, {
        plugins: [
          {
            plugin: 'request-size-limit',
            config: {},
            when: 'request.method == "POST" || request.headers["x-limited"] == "1"',
          },
        ],
      })
      await turnpike.api('POST', `/services/${SERVICE}/stages/live/deployments`, {})
    },
    baseline: { name: 'turnpike-plain', setUp: routes(1) },
    aims: { cpuToBaseline: 1.05 },
  },
  {
    name: 'rate-limit',
    summary: 'a rate limit by client address, that lets all pass',
    host: HOST,
    path: '/called/4711',
    setUp: withPlugins({ plugin: 'rate-limit', config: { requests: 1_000_000, by: 'client-ip', headers: false } }),
    baseline: { name: 'turnpike-plain', setUp: routes(1) },
    aims: { cpuToNginx: 1.4 },
  },
  {
    name: 'key-auth',
    summary: 'an API key with a plan of rate and quota, that lets all pass',
    host: HOST,
    path: '/called/4711',
    headers: [`X-API-Key: ${KEY}`],
    async setUp(turnpike, upstreamUrl) {
      await withPlugins({ plugin: 'key-auth', config: {} })(turnpike, upstreamUrl)
      await subscribeKey(turnpike)
    },
    baseline: { name: 'turnpike-plain', setUp: routes(1) },
    aims: { cpuToNginx: 1.6 },
  },
  {
    name: 'typical',
    summary:
      'what a team turns on: request id, IP list, CORS, API key with plan, changes of headers both ways, access log',
    host: HOST,
    path: '/called/4711',
    headers: [`X-API-Key: ${KEY}`, 'Origin: https://console.example.com'],
    async setUp(turnpike, upstreamUrl) {
      await withPlugins(
        { plugin: 'request-id', config: {} },
        { plugin: 'ip-restriction', config: { networks: ['127.0.0.0/8', '10.0.0.0/8', '2001:db8::/32'] } },
        { plugin: 'cors', config: { origins: ['https://console.example.com'] } },
        { plugin: 'key-auth', config: {} },
        {
          plugin: 'request-transformer',
          config: { headers: { set: { 'x-stage': '${stage.name}' }, remove: ['cookie'] } },
        },
        {
          plugin: 'response-transformer',
          config: { headers: { set: { 'cache-control': 'no-store' }, remove: ['server'] } },
        },
        { plugin: 'access-log', config: { sinks: [{ file: { keep: 1 } }] } },
      )(turnpike, upstreamUrl)
      await subscribeKey(turnpike)
    },
    baseline: { name: 'turnpike-plain', setUp: routes(1) },
    aims: { cpuToNginx: 2 },
  },
  {
    name: 'access-log',
    summary: 'a JSON line in a file for each request',
    host: HOST,
    path: '/called/4711',
    setUp: withPlugins({ plugin: 'access-log', config: { sinks: [{ file: { keep: 1 } }] } }),
    baseline: { name: 'turnpike-plain', setUp: routes(1) },
    aims: { cpuToBaseline: 1.15 },
  },
]
