import { rmSync, statSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import type { FrontSettings } from './front.ts'

/** Finds out where the gateway can listen, before any worker does. */

/** Where the gateway is to listen. */
export interface FrontPlan extends Omit<FrontSettings, 'tls'> {
  /** `isOptional`: goes without where the port is taken. */
  readonly tls: (NonNullable<FrontSettings['tls']> & { readonly isOptional: boolean }) | null
}

/** What the program's log is told. */
interface Log {
  warn(message: string): void
}

/** Why the data plane could not start; the message names the remedy. */
export class GatewayUnavailable extends Error {}

/** The host that stands for all addresses of the machine. */
const EVERYWHERE = '::'

/** Where the gateway will listen. Throws `GatewayUnavailable` if what is not optional cannot be had. */
export async function openFront({ tls, ...plan }: FrontPlan, log: Log): Promise<FrontSettings> {
  const host = await withFamily(plan.host)
  await assertPortFree(host, plan.port, 'gateway')
  await clearSocket(plan.socketPath)
  if (tls === null) return { ...plan, host, tls: null }
  const { isOptional, ...options } = tls
  const tlsHost = await withFamily(tls.host)
  try {
    await assertPortFree(tlsHost, tls.port, 'tls')
  } catch (error) {
    if (!(isOptional && error instanceof GatewayUnavailable)) throw error
    log.warn(`There is no HTTPS: ${error.message}`)
    return { ...plan, host, tls: null }
  }
  return { ...plan, host, tls: { ...options, host: tlsHost } }
}

/** A machine without IPv6 listens on all its IPv4 addresses instead. */
async function withFamily(host: string): Promise<string> {
  if (host !== EVERYWHERE) return host
  const error = await tryToListen(host, 0)
  return error?.code === 'EAFNOSUPPORT' || error?.code === 'EADDRNOTAVAIL' ? '0.0.0.0' : host
}

/**
 * Makes sure that nobody listens on the port. Workers share it among themselves (SO_REUSEPORT), so that without this look
 * a second gateway of the same user would take a part of the first one's connections in silence.
 */
async function assertPortFree(host: string, port: number, flag: string): Promise<void> {
  const error = await tryToListen(host, port)
  if (error !== null) throw new GatewayUnavailable(portTrouble(host, port, flag, error))
}

async function tryToListen(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  const probe = createServer()
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | null>()
  probe.once('error', resolve)
  probe.listen({ host, port }, () => probe.close(() => resolve(null)))
  return promise
}

function portTrouble(host: string, port: number, flag: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use by another program: stop that, or choose another with --${flag}-port.`
  if (error.code === 'EACCES')
    return `Port ${port} may not be opened by this user: choose one above 1023 with --${flag}-port, or grant CAP_NET_BIND_SERVICE.`
  if (error.code === 'EADDRNOTAVAIL') return `This machine has no address ${host}: choose another with --${flag}-host.`
  return `The gateway cannot listen on ${host}:${port}: ${error.message}.`
}

/** Removes the Unix socket that a former run has left behind. Throws `GatewayUnavailable` for one that is in use, and for anything else. */
async function clearSocket(path: string | null): Promise<void> {
  const found = path === null ? undefined : statSync(path, { throwIfNoEntry: false })
  if (path === null || found === undefined) return
  if (!found.isSocket())
    throw new GatewayUnavailable(
      `${path} is there, and is not a Unix socket: choose another path with --gateway-socket.`,
    )
  if (await isAnswered(path))
    throw new GatewayUnavailable(`${path} is in use by another program: choose another path with --gateway-socket.`)
  rmSync(path)
}

async function isAnswered(path: string): Promise<boolean> {
  const probe = createConnection(path)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  probe.once('connect', () => resolve(true))
  probe.once('error', () => resolve(false))
  const answered = await promise
  probe.destroy()
  return answered
}
