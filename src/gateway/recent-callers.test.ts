import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { HeaderList } from '../lib/header-list.ts'
import { type Client, GatewayExchange } from './exchange.ts'
import { RecentCallers } from './recent-callers.ts'

/** An exchange whose fields stand in the text of a head, as the codec leaves them. */
function came(x: GatewayExchange, host: string, clientIp: string, userAgent: string): GatewayExchange {
  const text = `User-Agent: ${userAgent}\r\n`
  if (x.request.headers.source !== text) {
    x.request.headers = new HeaderList()
    x.request.headers.pushPlaces(0, 10, 12, text.length - 2)
    x.request.headers.readFrom(text)
  }
  x.request.host = host
  x.clientIp = clientIp
  return x
}

const told = (callers: RecentCallers, place: number) => [
  callers.host(place),
  callers.clientIp(place),
  callers.userAgent(place),
]

describe('callers', () => {
  test('are written once for the requests that they send in the same way', () => {
    const callers = new RecentCallers(100)
    const x = new GatewayExchange({} as Client)
    const first = callers.placeOf(came(x, 'a.example', '192.0.2.1', 'one'))
    assert.equal(callers.placeOf(came(x, 'a.example', '192.0.2.1', 'one')), first)
    // What a plugin adds changes nothing of it; what it changes is told as it became.
    x.request.headers.set('X-Request-Id', '7')
    assert.equal(callers.placeOf(x), first)
    x.request.headers.set('User-Agent', 'two')
    const second = callers.placeOf(x)
    assert.notEqual(second, first)
    assert.deepEqual(
      [told(callers, first), told(callers, second)],
      [
        ['a.example', '192.0.2.1', 'one'],
        ['a.example', '192.0.2.1', 'two'],
      ],
    )
  })

  test('are not taken for those that another worker remembers', () => {
    const x = came(new GatewayExchange({} as Client), 'a.example', '192.0.2.1', 'one')
    new RecentCallers(10).placeOf(x)
    const other = new RecentCallers(10)
    assert.deepEqual(told(other, other.placeOf(x)), ['a.example', '192.0.2.1', 'one'])
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
            remembered.push([callers.placeOf(came(exchanges[connection] ?? assert.fail(), ...texts)), [...texts]])
            for (const [place, expected] of remembered.slice(-capacity))
              assert.deepEqual(told(callers, place), expected)
          }
        },
      ),
    )
  })
})
