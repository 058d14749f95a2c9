import type { HeaderList } from '../../lib/headers/header-list.ts'
import type { BackendHealth, PassiveHealth } from '../../model/backend.ts'
import { GRPC_FAILURES, grpcCodesOf } from '../../plugins/grpc-statuses.ts'
import { isGrpc, UNKNOWN } from '../grpc.ts'
import { SLOT_WORDS } from './health-board.ts'
import { describeTrouble, grpcTrouble, NO_TROUBLE, type Trouble } from './trouble.ts'

/*
 * One slot of the board, in words of 32 bits. Times are tenths of a second on the clock that all threads share.
 *
 *                     failures                       time is over
 *   in use ─────────────────────────► ejected ─────────────────────► in use, on probation: the next failure ejects it again
 *   in use ── bad checks ──► unhealthy ── good checks ──► in use
 *
 * The two are independent: a target is in use while it is neither.
 */
const OUT = 0
const SINCE = 1
const REASON = 2
const IN_ROW = 3
const WINDOW_BEGAN = 4
const IN_WINDOW = 5
const EJECTED_UNTIL = 6
const EJECTED_FOR = 7
const CHECKS_GOOD = 8
const CHECKS_BAD = 9
const CHECKED_AT = 10
const CHECK_RESULT = 11
const BACK_SINCE = 12
const EJECTIONS = 13

/** Flags of `OUT`. */
const UNHEALTHY = 1
const EJECTED = 2

/** The share that a target begins with when it comes back slowly. */
const LEAST_SHARE = 0.1

/** What is told of a target. Times are milliseconds on the shared clock. */
export interface HealthState {
  readonly state: 'healthy' | 'unhealthy' | 'ejected'
  /** Why it was left out last; null if it never was. */
  readonly reason: string | null
  readonly sinceMs: number | null
  readonly ejectedUntilMs: number | null
  readonly ejections: number
  readonly check: { readonly atMs: number; readonly result: string } | null
}

/** The health of one target, as every worker sees it. All of it is in shared memory; `nowMs` is the clock that threads share. */
export class TargetHealth {
  private readonly words: Int32Array<SharedArrayBuffer>
  private readonly settings: BackendHealth
  private readonly nowMs: () => number
  private readonly isFailure: (status: number) => boolean
  private readonly grpcFailures: ReadonlySet<string>
  /** Words of the slot. */
  private readonly base: number

  constructor(memory: SharedArrayBuffer, slot: number, settings: BackendHealth, nowMs: () => number) {
    this.words = new Int32Array(memory)
    this.base = slot * SLOT_WORDS
    this.settings = settings
    this.nowMs = nowMs
    this.isFailure = matchStatuses(settings.passive?.statuses ?? [])
    this.grpcFailures = grpcCodesOf(settings.passive?.grpcStatuses ?? GRPC_FAILURES)
  }

  /** The part of its share that the target may have now: 0 for none, 1 for all. */
  share(nowMs: number): number {
    const out = this.get(OUT)
    if (out !== 0 && !this.isBack(out, nowMs)) return 0
    const { slowStart } = this.settings
    const back = this.get(BACK_SINCE)
    if (slowStart === 0 || back === 0) return 1
    return Math.min(1, Math.max(LEAST_SHARE, (nowMs - back * 100) / (slowStart * 1000)))
  }

  /** An answer has come. */
  onAnswer(status: number): void {
    const { passive } = this.settings
    if (passive === undefined) return
    if (this.isFailure(status)) return this.onFailure(status)
    if (this.get(IN_ROW) !== 0) this.set(IN_ROW, 0)
  }

  /** The head of an answer has come that may be one of gRPC: that says how the call went here, or with its end. */
  onGrpcHead(status: number, headers: HeaderList): void {
    if (status !== 200 || !isGrpc(headers)) return this.onAnswer(status)
    const code = headers.get('grpc-status')
    if (code !== undefined) this.onGrpcStatus(code)
  }

  /** Such an answer has come to its end. */
  onGrpcEnd(status: number, headers: HeaderList, trailers: HeaderList | null): void {
    if (status === 200 && isGrpc(headers) && !headers.has('grpc-status'))
      this.onGrpcStatus(trailers?.get('grpc-status') ?? String(UNKNOWN))
  }

  private onGrpcStatus(code: string): void {
    if (this.grpcFailures.has(code)) this.onFailure(grpcTrouble(code))
    // As any other answer that is none.
    else this.onAnswer(200)
  }

  /** No answer has come, or one that is a failure. */
  onFailure(trouble: Trouble): void {
    const { passive } = this.settings
    if (passive === undefined || trouble === NO_TROUBLE || (this.get(OUT) & EJECTED) !== 0) return
    const now = tenths(this.nowMs())
    const inRow = this.add(IN_ROW)
    const inWindow = this.countInWindow(passive, now)
    const isTooMany =
      (passive.consecutive > 0 && inRow >= passive.consecutive) ||
      (passive.inWindow > 0 && inWindow >= passive.inWindow)
    if (isTooMany) this.eject(passive, now, trouble)
  }

  /** A check was made. `result` is a status that was good or bad, or what came instead of one; of a TCP check nothing or that. */
  onCheck(isGood: boolean, result: Trouble): void {
    const { active } = this.settings
    if (active === undefined) return
    const now = tenths(this.nowMs())
    this.set(CHECKED_AT, now)
    this.set(CHECK_RESULT, result)
    this.set(isGood ? CHECKS_BAD : CHECKS_GOOD, 0)
    const inRow = this.add(isGood ? CHECKS_GOOD : CHECKS_BAD)
    const isUnhealthy = (this.get(OUT) & UNHEALTHY) !== 0
    if (isGood && isUnhealthy && inRow >= active.healthyAfter) this.comeBack(UNHEALTHY, now)
    if (!isGood && !isUnhealthy && inRow >= active.unhealthyAfter) this.leaveOut(UNHEALTHY, now, result)
  }

  /** What there is to tell. */
  read(): HealthState {
    const now = tenths(this.nowMs())
    const flags = this.get(OUT)
    const isEjected = (flags & EJECTED) !== 0 && now < this.get(EJECTED_UNTIL)
    const checkedAt = this.get(CHECKED_AT)
    const since = this.get(SINCE)
    return {
      state: (flags & UNHEALTHY) !== 0 ? 'unhealthy' : isEjected ? 'ejected' : 'healthy',
      reason: describeTrouble(this.get(REASON)),
      sinceMs: since === 0 ? null : since * 100,
      ejectedUntilMs: isEjected ? this.get(EJECTED_UNTIL) * 100 : null,
      ejections: this.get(EJECTIONS),
      check:
        checkedAt === 0
          ? null
          : { atMs: checkedAt * 100, result: describeTrouble(this.get(CHECK_RESULT)) ?? 'it accepted a connection' },
    }
  }

  /** Whether a target that is left out is back, because it was only ejected and its time is over. */
  private isBack(out: number, nowMs: number): boolean {
    if ((out & EJECTED) === 0 || nowMs < this.get(EJECTED_UNTIL) * 100) return false
    if (this.comeBack(EJECTED, tenths(nowMs))) {
      const { consecutive = 0, inWindow = 0 } = this.settings.passive ?? {}
      // On probation: one failure less than it takes.
      this.set(IN_ROW, Math.max(0, consecutive - 1))
      this.set(WINDOW_BEGAN, tenths(nowMs))
      this.set(IN_WINDOW, Math.max(0, inWindow - 1))
    }
    return (out & UNHEALTHY) === 0
  }

  private countInWindow({ inWindow, window }: PassiveHealth, now: number): number {
    if (inWindow === 0) return 0
    if (now - this.get(WINDOW_BEGAN) > window * 10) {
      this.set(WINDOW_BEGAN, now)
      this.set(IN_WINDOW, 0)
    }
    return this.add(IN_WINDOW)
  }

  /** Leaves the target out for a time that doubles with each ejection in sequence: until it has lasted as long as it was out. */
  private eject({ ejection, maxEjection }: PassiveHealth, now: number, reason: Trouble): void {
    const [last, lastUntil] = [this.get(EJECTED_FOR), this.get(EJECTED_UNTIL)]
    const isInSequence = last > 0 && now - lastUntil <= last
    const length = isInSequence ? Math.min(last * 2, maxEjection * 10) : ejection * 10
    // Before the flag: who sees that must see how long it holds. Workers that come here at once write the same.
    this.set(EJECTED_UNTIL, now + Math.round(length))
    this.set(EJECTED_FOR, Math.round(length))
    if (this.leaveOut(EJECTED, now, reason)) this.add(EJECTIONS)
  }

  /** Returns false where another worker was faster. */
  private leaveOut(flag: number, now: number, reason: Trouble): boolean {
    const before = Atomics.or(this.words, this.base + OUT, flag)
    if ((before & flag) !== 0) return false
    this.set(REASON, reason)
    if (before === 0) this.set(SINCE, now)
    return true
  }

  /** Returns false where another worker was faster. */
  private comeBack(flag: number, now: number): boolean {
    const before = Atomics.and(this.words, this.base + OUT, ~flag)
    if (before === flag) {
      this.set(SINCE, now)
      this.set(BACK_SINCE, now)
    }
    return (before & flag) !== 0
  }

  private get(word: number): number {
    return Atomics.load(this.words, this.base + word)
  }

  private set(word: number, value: number): void {
    Atomics.store(this.words, this.base + word, value)
  }

  private add(word: number): number {
    return Atomics.add(this.words, this.base + word, 1) + 1
  }
}

/** Never 0, which stands for "never". */
function tenths(ms: number): number {
  return Math.max(1, Math.floor(ms / 100))
}

/** A test for statuses such as `503` and classes such as `5xx`. */
export function matchStatuses(patterns: readonly string[]): (status: number) => boolean {
  const statuses = new Set(patterns.flatMap((one) => (one.endsWith('xx') ? [] : [Number(one)])))
  const classes = new Set(patterns.flatMap((one) => (one.endsWith('xx') ? [Number(one[0])] : [])))
  return (status) => statuses.has(status) || classes.has(Math.floor(status / 100))
}
