import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { call } from '../support/design.ts'
import { sendLoad } from '../support/load.ts'
import { type Json, runTurnpike, startTurnpike, type Turnpike } from '../support/turnpike.ts'

/** Statistics of the sides of a `traffic-split`, beside what their backends have counted. */

/** A backend that counts what it was sent. */
interface Counting {
  readonly server: Server
  readonly url: string
  readonly served: Map<string, number>
}

async function counting(status: number): Promise<Counting> {
  const served = new Map<string, number>()
  const server = createServer((request, answer) => {
    const [path = ''] = (request.url ?? '').split('?')
    served.set(path, (served.get(path) ?? 0) + 1)
    answer.statusCode = status
    answer.end('ok')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, served, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

let turnpike: Turnpike
let stable: Counting
let next: Counting
const STAGE = '/services/shop/stages/live/statistics'
before(async () => {
  ;[stable, next] = await Promise.all([counting(200), counting(503)])
  turnpike = await startTurnpike({ args: ['--workers', '2'] })
  const split = {
    plugin: 'traffic-split',
    config: {
      sides: [
        { name: 'stable', weight: 3 },
        { name: 'next', backend: { targets: [{ url: next.url }] } },
      ],
      rules: [{ in: 'query', name: 'next', side: 'next' }],
    },
  }
  const method = (plugins: readonly object[]) => ({ methods: { GET: { plugins } } })
  await call(turnpike, 'POST', '/declarative/apply', {
    document: {
      turnpike: 1,
      services: {
        shop: {
          design: { paths: { '/a': method([split]), '/b': method([split]), '/plain': method([]) } },
          stages: { live: { isDefault: true, backend: { targets: [{ url: stable.url }] } } },
        },
      },
    },
    deploy: true,
  })
  const load = await sendLoad(turnpike.gatewayPort, 'shop.localhost', ['/a', '/b', '/b?next', '/plain'], 2_000)
  assert.equal(load.sent, 2_000)
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50)))
    if ((await read(`${STAGE}?from=1h`)).totals?.calls === (2_000 as unknown as Json)) return
})
after(async () => {
  await turnpike.stop()
  for (const { server } of [stable, next]) server.close()
})

const read = (path: string) => call(turnpike, 'GET', path)
interface Entry {
  readonly id: string
  readonly name: string
  readonly calls: number
  readonly failures: number
  readonly backendLatency: { readonly meanMs: number | null }
}
const entries = async (query: string) => (await read(`${STAGE}/top?by=side&${query}`)).items as unknown as Entry[]
const sum = ({ served }: Counting, ...paths: string[]) => paths.reduce((all, path) => all + (served.get(path) ?? 0), 0)
const routeId = async (name: string) =>
  ((await read(`${STAGE}/top?by=route`)).items as unknown as Entry[]).find((entry) => entry.name === name)?.id ?? ''

describe('sides of a traffic-split', () => {
  test('are listed with what each of their backends was sent', async () => {
    const sides = await entries('')
    const found = sides.map(({ id, name, calls, failures }) => ({ id, name, calls, failures }))
    const [ofStable, ofNext] = [sum(stable, '/a', '/b'), sum(next, '/a', '/b')]
    const wanted = [
      { id: 'stable', name: 'stable', calls: ofStable, failures: 0 },
      { id: 'next', name: 'next', calls: ofNext, failures: ofNext },
    ]
    assert.deepEqual(
      found.toSorted((a, b) => (a.name > b.name ? -1 : 1)),
      wanted,
    )
    assert.equal(ofStable + ofNext, 1_500)
    assert.ok(sides.every(({ backendLatency }) => Number(backendLatency.meanMs) > 0))
  })

  test('are listed for a route alone', async () => {
    for (const path of ['/a', '/b']) {
      const sides = await entries(`route=${await routeId(`GET ${path}`)}&sort=failures`)
      assert.deepEqual(
        sides.map(({ id, calls }) => [id, calls]),
        [
          ['next', sum(next, path)],
          ['stable', sum(stable, path)],
        ],
      )
    }
    assert.deepEqual(await entries(`route=${await routeId('GET /plain')}`), [])
  })

  test('are read by themselves, and of a route', async () => {
    assert.equal((await read(`${STAGE}?from=1h&side=next`)).totals?.calls, sum(next, '/a', '/b'))
    const ofRoute = await read(`${STAGE}?from=1h&side=stable&route=${await routeId('GET /a')}`)
    assert.equal(ofRoute.totals?.calls, sum(stable, '/a'))
    assert.deepEqual(ofRoute.totals?.statuses, { 200: sum(stable, '/a') })
    assert.equal((await read(`${STAGE}?from=1h&side=nobody`)).totals?.calls, 0)
    assert.equal((await read('/services/shop/statistics?from=1h&side=next')).totals?.calls, sum(next, '/a', '/b'))
  })

  test('are counted beside all else, not twice', async () => {
    assert.equal((await read('/statistics?from=1h')).totals?.calls, 2_000)
  })

  test('another list by route is refused with a remedy', async () => {
    const { status, body } = await turnpike.api('GET', `${STAGE}/top?by=key&route=a`)
    assert.equal(status, 422)
    assert.deepEqual(body.errors, [{ path: '/route', message: 'Leave it out, or list by side.' }])
    const both = await turnpike.api('GET', `${STAGE}?side=next&key=a`)
    assert.equal(both.status, 422)
  })

  test('are told by the command line, and as CSV', async () => {
    const env = { TURNPIKE_DATA: turnpike.data }
    const all = sum(next, '/a', '/b')
    const shown = await runTurnpike(['stats', 'shop/live', '--by', 'side'], { env })
    assert.match(shown.stdout, new RegExp(`\\nnext +${all} +${all} `))
    const route = await routeId('GET /b')
    const ofRoute = await runTurnpike(['stats', 'shop/live', '--by', 'side', '--route', route], { env })
    assert.match(ofRoute.stdout, new RegExp(`\\nnext +${sum(next, '/b')} `))
    const alone = await runTurnpike(['stats', 'shop/live', '--side', 'next'], { env })
    assert.match(alone.stdout, new RegExp(`Calls +${all}\\n`))
    const csv = await runTurnpike(['stats', 'shop/live', '--by', 'side', '--csv'], { env })
    assert.match(csv.stdout, new RegExp(`\\nnext,next,shop,live,${all},${all},0,${all},`))
  })

  test('are in the journal: they are there after a kill and a start', async () => {
    const { again } = turnpike
    await turnpike.kill()
    turnpike = await again()
    assert.equal((await read(`${STAGE}?from=1h&side=next`)).totals?.calls, sum(next, '/a', '/b'))
  })
})
