import type { Socket } from 'node:net'
import { Timed, type TimeWheel } from '../../lib/time-wheel.ts'
import type { ActiveHealth } from '../../model/backend.ts'
import type { Dialler } from './dial.ts'
import type { Pool } from './pool.ts'
import type { Target, TargetSettings } from './target.ts'
import { matchStatuses, type TargetHealth } from './target-health.ts'
import { NO_TROUBLE, type Trouble, troubleOf } from './trouble.ts'

/** By which backends know our checks in their logs. */
const AGENT = 'turnpike-health'

/** The active checks of a process: one worker makes them, and all read from shared memory what came of them. */
export class HealthChecks {
  private readonly wheel: TimeWheel
  private readonly byKey = new Map<string, Check>()

  constructor(wheel: TimeWheel) {
    this.wheel = wheel
  }

  /** Checks the targets of these pools from now on, as far as they want it, and no others. */
  follow(pools: Iterable<Pool>): void {
    const kept = new Set<string>()
    for (const { key, settings, dialler, health } of pools) {
      const active = settings.health?.active
      if (active === undefined || health === null) continue
      kept.add(key)
      if (!this.byKey.has(key)) this.byKey.set(key, new Check({ wheel: this.wheel, dialler, health, active, settings }))
    }
    for (const [key, check] of this.byKey) {
      if (kept.has(key)) continue
      check.stop()
      this.byKey.delete(key)
    }
  }
}

interface CheckParts {
  readonly wheel: TimeWheel
  readonly dialler: Dialler
  readonly health: TargetHealth
  readonly active: ActiveHealth
  readonly settings: TargetSettings
}

/** The checks of one target, one after the other. */
class Check extends Timed {
  private readonly parts: CheckParts
  private readonly isGood: (status: number) => boolean
  private isStopped = false

  constructor(parts: CheckParts) {
    super()
    this.parts = parts
    this.isGood = matchStatuses(parts.active.statuses)
    // The first comes soon, but not those of all targets at once.
    parts.wheel.schedule(this, Math.random() * Math.min(1000, parts.active.interval * 1000))
  }

  stop(): void {
    this.isStopped = true
    this.parts.wheel.remove(this)
  }

  override onDeadline(): void {
    const { wheel, active, health } = this.parts
    wheel.schedule(this, delayOf(active, Math.random()))
    new Probe(this.parts, (result) => {
      if (this.isStopped) return
      const isGood = active.kind === 'tcp' ? result === NO_TROUBLE : this.isGood(result)
      health.onCheck(isGood, result)
    })
  }
}

/** Milliseconds to the next check; `random` is from 0 to 1. */
export function delayOf({ interval, jitterPercent }: ActiveHealth, random: number): number {
  return interval * 1000 * (1 + ((random * 2 - 1) * jitterPercent) / 100)
}

type Settle = (result: Trouble) => void

/** One check. It tells once what came of it: a status, or a trouble; `NO_TROUBLE` for a connection. */
class Probe extends Timed {
  private readonly wheel: TimeWheel
  private readonly told: Settle
  private readonly close: () => void
  private isSettled = false

  constructor(parts: CheckParts, told: Settle) {
    super()
    const { active, dialler, wheel } = parts
    this.wheel = wheel
    this.told = told
    this.close = active.kind === 'tcp' ? probeConnection(dialler, this.settle) : probeHttp(parts, this.settle)
    wheel.schedule(this, active.timeout * 1000)
  }

  override onDeadline(): void {
    this.settle(LATE)
  }

  /** Sockets tell nothing before the next turn of the loop: by then there is something to close. */
  private readonly settle = (result: Trouble): void => {
    if (this.isSettled) return
    this.isSettled = true
    this.wheel.remove(this)
    this.close()
    this.told(result)
  }
}

const LATE = troubleOf('backend-timeout')
const UNREACHABLE = troubleOf('backend-unreachable')
const CLOSED = troubleOf('backend-closed')
const MALFORMED = troubleOf('backend-malformed')

function probeConnection(dialler: Dialler, settle: Settle): () => void {
  const socket = dialler.dial(['http/1.1'])
  socket.on('error', () => settle(UNREACHABLE))
  socket.on('close', () => settle(UNREACHABLE))
  socket.on(dialler.target.isTls ? 'secureConnect' : 'connect', () => settle(NO_TROUBLE))
  return () => socket.destroy()
}

/** Asks in the version of HTTP that requests are sent in. */
function probeHttp({ dialler, active, settings: { protocol } }: CheckParts, settle: Settle): () => void {
  const { target } = dialler
  const socket = dialler.dial(protocol === 'http1' ? ['http/1.1'] : protocol === 'http2' ? ['h2'] : ['h2', 'http/1.1'])
  let close: () => void = () => undefined
  let lost = UNREACHABLE
  socket.on('error', () => settle(lost))
  socket.on('close', () => settle(lost))
  socket.on(target.isTls ? 'secureConnect' : 'connect', () => {
    lost = CLOSED
    const isHttp2 = target.isTls ? isHttp2Agreed(socket) : protocol === 'http2'
    close = isHttp2 ? askHttp2(socket, target, active, settle) : askHttp1(socket, target, active, settle)
  })
  return () => {
    close()
    socket.destroy()
  }
}

function isHttp2Agreed(socket: Socket): boolean {
  return 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'
}

// The modules are loaded by the first check: what never checks, such as all workers but one, is spared 5 MB.

function askHttp1(socket: Socket, { authority }: Target, active: ActiveHealth, settle: Settle): () => void {
  const request = process.getBuiltinModule('node:http').request({
    createConnection: () => socket,
    method: active.method,
    path: active.path,
    headers: { host: active.host ?? authority, 'user-agent': AGENT, connection: 'close' },
  })
  request.on('response', (response) => {
    response.resume()
    settle(response.statusCode ?? MALFORMED)
  })
  request.on('error', (error) => settle(isMalformed(error) ? MALFORMED : CLOSED))
  request.end()
  return () => request.destroy()
}

function askHttp2(socket: Socket, { isTls, authority }: Target, active: ActiveHealth, settle: Settle): () => void {
  const address = `${isTls ? 'https' : 'http'}://${authority}`
  const session = process.getBuiltinModule('node:http2').connect(address, { createConnection: () => socket })
  session.on('error', () => settle(CLOSED))
  const stream = session.request({
    ':method': active.method,
    ':path': active.path,
    ':authority': active.host ?? authority,
    'user-agent': AGENT,
  })
  stream.on('response', (headers) => settle(headers[':status'] ?? MALFORMED))
  stream.on('error', () => settle(CLOSED))
  stream.resume()
  return () => session.destroy()
}

function isMalformed(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('HPE_')
}
