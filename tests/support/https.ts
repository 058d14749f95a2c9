import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { findCommand } from './commands.ts'

/** Clients that speak TLS. */

const TIMEOUT_MS = 20_000

/** Opens a connection and waits for the end of its handshake. */
export async function openTls(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  socket.on('error', () => socket.destroy())
  await Promise.race([once(socket, 'secureConnect'), failed(socket)])
  return socket
}

async function failed(socket: TLSSocket): Promise<never> {
  const [error] = await once(socket, 'error')
  throw error
}

/** One request over TLS; gives back all that comes until the end. */
export async function tlsRequest(
  port: number,
  request: string | Buffer,
  options: ConnectionOptions = {},
): Promise<string> {
  const socket = await openTls(port, options)
  return exchangeOver(socket, request)
}

/** Sends bytes over a connection and gives back all that comes until its end. */
export async function exchangeOver(socket: TLSSocket, request: string | Buffer): Promise<string> {
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
  })
  const ended = once(socket, 'close')
  socket.on('end', () => socket.end())
  socket.write(request, 'latin1')
  await ended
  return received
}

/** `GET PATH` of a host, after which the connection ends. */
export function get(host: string, path = '/', ...headers: readonly string[]): string {
  const fields = [`Host: ${host}`, 'Connection: close', ...headers]
  return `GET ${path} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`
}

/** The SHA-256 fingerprint of what a server shows for a name. */
export async function shownFor(port: number, servername: string): Promise<string> {
  const socket = await openTls(port, { servername })
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

/** Runs a program to its end, with something on its standard input. */
export async function run(
  command: string,
  args: readonly string[],
  input = '',
): Promise<{ code: number; text: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; text: string }>()
  const child = execFile(findCommand(command) ?? command, args, { timeout: TIMEOUT_MS }, (error, stdout, stderr) =>
    resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, text: stdout + stderr }),
  )
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  return promise
}

/** Sends bytes over a plain connection, and gives back all that comes until its end. */
export async function plainExchange(
  at: { path: string } | { host: string; port: number },
  bytes: string | Buffer,
): Promise<string> {
  const socket = connectPlain(at)
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
  })
  socket.on('error', () => socket.destroy())
  socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return received
}
