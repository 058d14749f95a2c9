import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HeaderList } from '../../lib/headers/header-list.ts'
import type { Consumer } from '../../plugins/plugin.ts'
import { type Client, GatewayExchange } from '../exchange.ts'
import { RecentCallers } from './callers.ts'

/** An exchange whose fields stand in the text of a head, as the codec leaves them. */
function came(
  x: GatewayExchange,
  host: string,
  clientIp: string,
  userAgent: string,
  referer = '',
  consumer: Consumer | null = null,
): GatewayExchange {
  const agentLine = `User-Agent: ${userAgent}\r\n`
  const text = referer === '' ? agentLine : `${agentLine}Referer: ${referer}\r\n`
  if (x.request.headers.toLines() !== text) {
    x.request.headers = new HeaderList()
    x.request.headers.pushPlaces(0, 10, 12, agentLine.length - 2)
    if (referer !== '')
      x.request.headers.pushPlaces(agentLine.length, agentLine.length + 7, agentLine.length + 9, text.length - 2)
    x.request.headers.readFrom(text)
  }
  x.consumer = consumer
  x.request.host = host
  x.clientIp = clientIp
  return x
}

const placeOf = (callers: RecentCallers, x: GatewayExchange) => callers.placeOf(callers.of(x))
const told = (callers: RecentCallers, place: number) => [
  callers.host(place),
  callers.clientIp(place),
  callers.userAgent(place),
]

describe('callers', () => {
  test('are written once for the requests that they send in the same way', () => {
    const callers = new RecentCallers(100)
    const x = new GatewayExchange({} as Client)
    const first = placeOf(callers, came(x, 'a.example', '192.0.2.1', 'one'))
    assert.equal(placeOf(callers, came(x, 'a.example', '192.0.2.1', 'one')), first)
    // What a plugin adds changes nothing of it; what it changes is told as it became.
    x.request.headers.set('X-Request-Id', '7')
    assert.equal(placeOf(callers, x), first)
    x.request.headers.set('User-Agent', 'two')
    const second = placeOf(callers, x)
    assert.notEqual(second, first)
    assert.deepEqual(
      [told(callers, first), told(callers, second)],
      [
        ['a.example', '192.0.2.1', 'one'],
        ['a.example', '192.0.2.1', 'two'],
      ],
    )
  })

  test('are others where anything of them is another', () => {
    const few = (...values: readonly string[]) => fc.constantFrom(...values)
    const consumers = ['k1', 'k2'].flatMap((id) => ['Blüe "B"', 'Ada'].map((name) => ({ id, name, groups: [] })))
    const parts = fc.record({
      host: few('a.example', 'b.example'),
      clientIp: few('192.0.2.1', '2001:db8::1'),
      userAgent: few('curl/8', `long ${'x'.repeat(2_000)}`),
      referer: few('', 'https://a.example/', 'https://b.example/?x=1'),
      consumer: fc.constantFrom(null, ...consumers),
      changed: few('nothing', 'another field', 'all'),
    })
    const callers = new RecentCallers(100)
    const x = new GatewayExchange({} as Client)
    fc.assert(
      fc.property(parts, ({ host, clientIp, userAgent, referer, consumer, changed }) => {
        came(x, host, clientIp, userAgent, referer, consumer)
        // Where a plugin has changed the fields there is no text of them any more.
        if (changed === 'all') x.request.headers = x.request.headers.clone()
        if (changed === 'another field') x.request.headers.set('X-Stage', 'live')
        const { owner, serial, source, texts, ...caller } = callers.of(x)
        assert.deepEqual(caller, {
          host,
          clientIp,
          userAgent: userAgent.slice(0, 1_024),
          referer,
          consumerId: consumer?.id ?? '',
          consumer: consumer?.name ?? '',
        })
        assert.equal(callers.consumer(placeOf(callers, x)), consumer?.name ?? '')
        assert.equal(callers.of(x).serial, serial)
      }),
    )
  })

  test('are not taken for those that another worker remembers', () => {
    const x = came(new GatewayExchange({} as Client), 'a.example', '192.0.2.1', 'one')
    new RecentCallers(10).of(x)
    const other = new RecentCallers(10)
    assert.deepEqual(told(other, placeOf(other, x)), ['a.example', '192.0.2.1', 'one'])
  })

  test('are told as they were for as long as their requests are remembered', () => {
    // Connection 0 changes rarely, the others each time.
    const request = fc.record({ connection: fc.nat(3), changes: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(request, { minLength: 20, maxLength: 80 }),
        (capacity, all) => {
          const callers = new RecentCallers(capacity)
          const exchanges = Array.from({ length: 4 }, () => new GatewayExchange({} as Client))
          const remembered: [place: number, expected: string[]][] = []
          let version = 0
          for (const { connection, changes } of all) {
            if (connection === 0 && changes) version++
            const agent = connection === 0 ? `steady ${version}` : `other ${remembered.length}`
            const texts = ['a.example', `192.0.2.${connection}`, agent] as const
            remembered.push([placeOf(callers, came(exchanges[connection] ?? assert.fail(), ...texts)), [...texts]])
            for (const [place, expected] of remembered.slice(-capacity))
              assert.deepEqual(told(callers, place), expected)
          }
        },
      ),
    )
  })
})
