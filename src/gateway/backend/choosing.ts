import { cookieValue } from '../../lib/cookies.ts'
import type { Balancing } from '../../model/backend.ts'
import type { GatewayExchange } from '../exchange.ts'

/**
 * The ways to choose among targets. Each is given what share of the requests every target may have at this moment, 0 for none,
 * and says which one it is; -1 where none may have any.
 */
export interface Chooser {
  choose(shares: Float64Array, x: GatewayExchange): number
}

/** As often as the shares say, spread as evenly as can be (the smooth weighted round robin of nginx), whatever the shares become. */
export class SmoothRoundRobin implements Chooser {
  private readonly credit: Float64Array

  constructor(count: number) {
    this.credit = new Float64Array(count)
  }

  choose(shares: Float64Array): number {
    const { credit } = this
    let best = -1
    let bestCredit = 0
    let total = 0
    for (let i = 0; i < shares.length; i++) {
      const share = shares[i] ?? 0
      const mine = (credit[i] ?? 0) + share
      credit[i] = mine
      total += share
      if (share > 0 && (best === -1 || mine > bestCredit)) {
        best = i
        bestCredit = mine
      }
    }
    if (best !== -1) credit[best] = bestCredit - total
    return best
  }
}

/** The one with the fewest requests under way for its share; of equal ones, each in its turn. */
export class LeastRequests implements Chooser {
  private readonly underWay: (index: number) => number
  private turn = 0

  constructor(underWay: (index: number) => number) {
    this.underWay = underWay
  }

  choose(shares: Float64Array): number {
    const count = shares.length
    this.turn = (this.turn + 1) % count
    let best = -1
    let bestLoad = Number.POSITIVE_INFINITY
    for (let step = 0; step < count; step++) {
      const i = (this.turn + step) % count
      const share = shares[i] ?? 0
      const load = share === 0 ? Number.POSITIVE_INFINITY : (this.underWay(i) + 1) / share
      if (load < bestLoad) {
        best = i
        bestLoad = load
      }
    }
    return best
  }
}

/**
 * Equal keys to equal targets, by weighted rendezvous hashing (Thaler and Ravishankar; weights as by Mosharaf et al.): every
 * target has a lot for every key, and the best lot wins. What a target wins or loses, by coming, going or another share, moves only
 * the keys that it wins or loses: no ring and no table does better, and a hundred targets are the most that there can be.
 */
export class ConsistentHash implements Chooser {
  private readonly keyOf: (x: GatewayExchange) => string
  private readonly seeds: Uint32Array

  /** `names` say which target is which, whatever their order. */
  constructor(names: readonly string[], keyOf: (x: GatewayExchange) => string) {
    this.seeds = Uint32Array.from(names, (name) => hashOf(name))
    this.keyOf = keyOf
  }

  choose(shares: Float64Array, x: GatewayExchange): number {
    const key = hashOf(this.keyOf(x))
    let best = -1
    let bestLot = Number.POSITIVE_INFINITY
    for (let i = 0; i < shares.length; i++) {
      const share = shares[i] ?? 0
      if (share === 0) continue
      // Exponentially distributed with this rate: the least of several is each one's as often as its rate says.
      const lot = -Math.log((mix(key ^ (this.seeds[i] ?? 0)) + 0.5) / 2 ** 32) / share
      if (lot < bestLot) {
        best = i
        bestLot = lot
      }
    }
    return best
  }
}

/** What requests are told apart by. Without it, by the address that they come from. */
export function keyReader({ key, name = '' }: Balancing): (x: GatewayExchange) => string {
  const header = name.toLowerCase()
  switch (key) {
    case 'header':
      return (x) => x.request.headers.get(header) ?? x.clientIp
    case 'cookie':
      return (x) => cookieValue(x.request.headers.get('cookie') ?? '', name) ?? x.clientIp
    case 'consumer':
      return (x) => x.consumer?.id ?? x.clientIp
    default:
      return (x) => x.clientIp
  }
}

/** FNV-1a over UTF-16 units, its bits then mixed. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash)
}

/** The end of MurmurHash3: each bit of the result depends on every bit. */
function mix(value: number): number {
  let hash = value ^ (value >>> 16)
  hash = Math.imul(hash, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
