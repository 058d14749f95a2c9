import { promises as dns, type LookupAddress, lookup } from 'node:dns'
import { readFileSync } from 'node:fs'
import { isIP, isIPv6 } from 'node:net'
import { ForbiddenAddress } from '../../lib/checked-lookup.ts'
import { isForbiddenAddress } from '../../lib/forbidden-address.ts'
import { Timed, type TimeWheel } from '../../lib/time-wheel.ts'
import type { WatchedName } from './dial.ts'
import type { Target } from './target.ts'

/** Addresses of a name, and how long they hold. */
export interface Answer {
  readonly addresses: readonly string[]
  readonly ttlMs: number
}

/** Asks for the addresses of a name. Rejects where they cannot be had. */
export type Ask = (hostname: string) => Promise<Answer>

/** What an answer may hold for, whatever it says: nobody is asked without pause, and no change is missed for long. */
const MIN_TTL_MS = 1_000
const MAX_TTL_MS = 300_000
/** For answers that say nothing of it: of the system, and of the hosts file. */
const UNSAID_TTL_MS = 10_000
/** After failures, each time twice as long. */
const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000
/** The same for a name that leads nowhere yet: requests wait for it. */
const MAX_UNKNOWN_MS = 2_000
/** A name that nobody has connected to for so long is not asked for until somebody does again. */
const UNUSED_MS = 60_000
const QUERY = { timeout: 2_000, tries: 2 }
/** How long IPv6 addresses are waited for once the others are there (RFC 8305, section 3, is more impatient). */
const GRACE_MS = 200

/** The names of all targets of a worker. Targets of the same name share what is known of it. */
export class Resolver {
  private readonly wheel: TimeWheel
  private readonly ask: Ask
  private readonly names = new Map<string, Name>()

  constructor(wheel: TimeWheel, ask: Ask) {
    this.wheel = wheel
    this.ask = ask
  }

  /** Watches the name of a target; null where it has an address already. `onChange` hears which addresses it leads to from now on. */
  watch({ hostname, socketPath }: Target, onChange: (addresses: ReadonlySet<string>) => void): WatchedName | null {
    if (socketPath !== null || isIP(hostname) !== 0) return null
    let name = this.names.get(hostname)
    if (name === undefined) {
      name = new Name(hostname, this.wheel, this.ask)
      this.names.set(hostname, name)
    }
    const watched = name
    watched.listeners.add(onChange)
    return {
      lookup: (_hostname, { all }, done) => watched.find(all === true, done),
      close: () => {
        watched.listeners.delete(onChange)
        if (watched.listeners.size > 0) return
        watched.close()
        this.names.delete(hostname)
      },
    }
  }
}

type Found = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/** What is known of one name. */
class Name extends Timed {
  readonly listeners = new Set<(addresses: ReadonlySet<string>) => void>()
  private readonly hostname: string
  private readonly wheel: TimeWheel
  private readonly ask: Ask
  private addresses: readonly LookupAddress[] = []
  private validUntil = Number.NEGATIVE_INFINITY
  private usedAt = Number.NEGATIVE_INFINITY
  private failures = 0
  private turn = 0
  private asking: Promise<void> | null = null
  private lastError: Error | null = null
  private isClosed = false

  constructor(hostname: string, wheel: TimeWheel, ask: Ask) {
    super()
    this.hostname = hostname
    this.wheel = wheel
    this.ask = ask
  }

  /** Gives the addresses, another one first each time. */
  find(isAll: boolean, done: Found): void {
    this.usedAt = this.wheel.now
    const tell = () => {
      const [first] = this.addresses
      if (first === undefined) return done(this.lastError ?? new Error(`${this.hostname} has no address`), '')
      this.turn = (this.turn + 1) % this.addresses.length
      const turned = [...this.addresses.slice(this.turn), ...this.addresses.slice(0, this.turn)]
      if (isAll) done(null, turned)
      else done(null, turned[0]?.address ?? first.address, turned[0]?.family ?? first.family)
    }
    if (this.wheel.now < this.validUntil) process.nextTick(tell)
    else this.refresh().then(tell)
  }

  close(): void {
    this.isClosed = true
    this.wheel.remove(this)
  }

  /** The answer holds no longer: it is asked for again before anybody needs it, if anybody has of late. */
  override onDeadline(): void {
    if (this.wheel.now - this.usedAt <= UNUSED_MS) void this.refresh()
  }

  /** Asks, once for all who wait. It never rejects: what was good last stays, and the failure is told to whom nothing else can be. */
  private refresh(): Promise<void> {
    this.asking ??= this.ask(this.hostname)
      .then(
        (answer) => this.take(answer),
        (error: unknown) => this.fail(error instanceof Error ? error : new Error(String(error))),
      )
      .finally(() => {
        this.asking = null
      })
    return this.asking
  }

  private take({ addresses, ttlMs }: Answer): void {
    const allowed = addresses.filter((address) => !isForbiddenAddress(address))
    if (allowed.length === 0) return this.refuse(addresses)
    const sorted = [...new Set(allowed)].sort()
    const isChanged = sorted.join() !== this.addresses.map(({ address }) => address).join()
    this.addresses = sorted.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
    this.failures = 0
    this.lastError = null
    this.hold(Math.min(MAX_TTL_MS, Math.max(MIN_TTL_MS, ttlMs)))
    if (isChanged) for (const listener of this.listeners) listener(new Set(sorted))
  }

  /** The name leads nowhere that may be reached: what it led to before holds no longer either. */
  private refuse(addresses: readonly string[]): void {
    if (addresses.length === 0) return this.fail(new Error(`${this.hostname} has no address`))
    this.addresses = []
    for (const listener of this.listeners) listener(new Set())
    this.fail(new ForbiddenAddress(this.hostname))
  }

  private fail(error: Error): void {
    this.lastError = error
    const most = this.addresses.length === 0 ? MAX_UNKNOWN_MS : MAX_RETRY_MS
    this.hold(Math.min(most, FIRST_RETRY_MS * 2 ** this.failures++))
  }

  private hold(ms: number): void {
    this.validUntil = this.wheel.now + ms
    if (!this.isClosed) this.wheel.schedule(this, ms)
  }
}

/**
 * Asks as the system would, but learns how long the answer holds: the hosts file first, then the name servers. Where those know
 * nothing the system itself is asked, which may search more domains; but not where `servers` are given in the place of its own.
 */
export function askSystem(servers: readonly string[], hostsFile = '/etc/hosts'): Ask {
  const resolver = new dns.Resolver(QUERY)
  if (servers.length > 0) resolver.setServers([...servers])
  return async (hostname) => {
    const listed = fromHostsFile(hostname, hostsFile)
    if (listed.length > 0) return { addresses: listed, ttlMs: UNSAID_TTL_MS }
    const four = resolver.resolve4(hostname, { ttl: true })
    const six = resolver.resolve6(hostname, { ttl: true })
    const answers = await Promise.allSettled([four, Promise.race([six, graceAfter(four)])])
    const records = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (records.length > 0)
      return {
        addresses: records.map(({ address }) => address),
        ttlMs: Math.min(...records.map(({ ttl }) => ttl)) * 1000,
      }
    const trouble = troubleOf(answers)
    if (servers.length > 0) throw trouble
    return { addresses: await lookUp(hostname, trouble), ttlMs: UNSAID_TTL_MS }
  }
}

/** Nothing, some time after `first` has come; never where that fails. */
function graceAfter(first: Promise<unknown>): Promise<never[]> {
  return new Promise((done) => {
    first.then(
      () => setTimeout(() => done([]), GRACE_MS),
      () => undefined,
    )
  })
}

/** Says that a name is not there, as opposed to that nobody could say. */
const NOT_THERE = new Set(['ENOTFOUND', 'ENODATA'])

/** Why there is no address; the more telling reason, where there are two: that nobody could say it, before that there is none. */
function troubleOf(answers: readonly PromiseSettledResult<unknown>[]): Error {
  const reasons = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [answer.reason as NodeJS.ErrnoException] : [],
  )
  return reasons.find(({ code = '' }) => !NOT_THERE.has(code)) ?? reasons[0] ?? new Error('the name has no address')
}

/** Asks the system. Where it has nothing either, `trouble` says more than it can. */
function lookUp(hostname: string, trouble: Error): Promise<string[]> {
  return new Promise((done, fail) => {
    lookup(hostname, { all: true }, (error, found) => {
      if (error === null) done(found.map(({ address }) => address))
      else fail(trouble)
    })
  })
}

/** Addresses of a name in the hosts file; none where there is no such file. */
function fromHostsFile(hostname: string, file: string): string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return [] // as the system does it: without the file, the name servers are asked
  }
  const wanted = hostname.toLowerCase().replace(/\.$/, '')
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    return isIP(address) !== 0 && names.some((name) => name.toLowerCase() === wanted) ? [address] : []
  })
}
