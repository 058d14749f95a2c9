import { createSocket, type Socket as DatagramSocket } from 'node:dgram'
import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { checkedLookup, ForbiddenAddress } from '../../lib/checked-lookup.ts'
import { isForbiddenAddress } from '../../lib/forbidden-address.ts'
import { facilities } from '../../lib/syslog-facilities.ts'
import type { SyslogSettings } from '../../plugins/log-sinks.ts'
import { ALL_WRITTEN, countOf, eachLine, type Lines, type Writer, type Written } from './sink.ts'

/**
 * Messages of RFC 5424: by UDP a datagram each (RFC 5426); by TCP and TLS with their lengths in front (RFC 6587, section 3.4.1;
 * RFC 5425). Lines have their severity as first character.
 */

const CONNECT_MS = 5_000
/** How long a receiver may take nothing before its connection is given up. */
const STALL_MS = 15_000
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** The most that fits into a datagram of IPv4. */
const MOST_DATAGRAM_BYTES = 65_507

export interface SyslogWriterParts {
  readonly settings: SyslogSettings
  readonly hostName: string
  readonly processId: number
  now(): number
}

export class SyslogWriter implements Writer {
  private readonly parts: SyslogWriterParts
  private readonly datagrams: Datagrams | null
  private readonly stream: MessageStream | null

  constructor(parts: SyslogWriterParts) {
    this.parts = parts
    const isUdp = parts.settings.transport === 'udp'
    this.datagrams = isUdp ? new Datagrams(parts.settings) : null
    this.stream = isUdp ? null : new MessageStream(parts.settings, parts.now)
  }

  async write(all: readonly Lines[]): Promise<Written> {
    const messages = all.map(({ bytes }) => this.messagesOf(bytes))
    if (this.datagrams !== null) return this.datagrams.send(messages.flat())
    const framed = messages.map((list) => Buffer.concat(list.flatMap((one) => [Buffer.from(`${one.length} `), one])))
    const trouble = (await this.stream?.send(framed)) ?? null
    return trouble === null ? ALL_WRITTEN : { lost: countOf(all), trouble }
  }

  async close(): Promise<void> {
    this.datagrams?.close()
    await this.stream?.close()
  }

  private messagesOf(bytes: Buffer): Buffer[] {
    const { settings, hostName, processId, now } = this.parts
    const rest = `>1 ${new Date(now()).toISOString()} ${hostName} ${settings.appName} ${processId} access - `
    const facility = facilities[settings.facility] * 8
    const messages: Buffer[] = []
    eachLine(bytes, (line) => {
      const severity = (line[0] ?? ZERO) - ZERO
      messages.push(Buffer.concat([Buffer.from(`<${facility + severity}${rest}`, 'latin1'), line.subarray(1)]))
    })
    return messages
  }
}

const ZERO = 0x30

/** The address of the receiver: looked up each time, and never a link-local one. */
function assertAllowed(host: string): void {
  if (isIP(host) !== 0 && isForbiddenAddress(host)) throw new ForbiddenAddress(host)
}

class Datagrams {
  private readonly settings: SyslogSettings
  private socket: DatagramSocket | null = null

  constructor(settings: SyslogSettings) {
    this.settings = settings
  }

  async send(messages: readonly Buffer[]): Promise<Written> {
    let lost = 0
    let trouble: string | null = null
    for (const message of messages) {
      const failure = await this.sendOne(message)
      if (failure === null) continue
      lost++
      trouble = `${this.settings.host}:${this.settings.port} cannot be sent to: ${failure}`
    }
    return { lost, trouble }
  }

  close(): void {
    this.socket?.close()
    this.socket = null
  }

  /** Resolves with what went wrong; null for nothing that is known. */
  private sendOne(message: Buffer): Promise<string | null> {
    const { host, port } = this.settings
    if (message.length > MOST_DATAGRAM_BYTES) return Promise.resolve('a line does not fit into a datagram')
    return new Promise((resolve) => {
      try {
        assertAllowed(host)
        this.socket ??= this.open()
        this.socket.send(message, port, host, (error) => resolve(error === null ? null : error.message))
      } catch (error) {
        resolve(error instanceof Error ? error.message : String(error))
      }
    })
  }

  private open(): DatagramSocket {
    const socket = createSocket({
      type: isIP(this.settings.host) === 6 ? 'udp6' : 'udp4',
      lookup: checkedLookup as never,
    })
    // Each send is told of its own error; what else there is concerns no line.
    socket.on('error', () => undefined)
    socket.unref()
    return socket
  }
}

/** Messages over a connection, which is made anew when it breaks. */
class MessageStream {
  private readonly settings: SyslogSettings
  private readonly now: () => number
  private socket: Socket | null = null
  private pauseMs = FIRST_PAUSE_MS
  private retryAt = 0
  private trouble = ''

  constructor(settings: SyslogSettings, now: () => number) {
    this.settings = settings
    this.now = now
  }

  /** Resolves with why it could not be sent, or null when the system has taken it all. */
  async send(parts: readonly Buffer[]): Promise<string | null> {
    if (this.socket === null && this.now() < this.retryAt) return this.trouble
    try {
      const socket = this.socket ?? (await this.connect())
      this.socket = socket
      for (const part of parts) await this.writePart(socket, part)
      this.pauseMs = FIRST_PAUSE_MS
      return null
    } catch (error) {
      return this.fail(error)
    }
  }

  close(): Promise<void> {
    const { socket } = this
    this.socket = null
    if (socket === null) return Promise.resolve()
    return new Promise((resolve) => {
      socket.once('close', () => resolve())
      socket.end(() => socket.destroy())
    })
  }

  private fail(error: unknown): string {
    const { host, port } = this.settings
    this.socket?.destroy()
    this.socket = null
    this.retryAt = this.now() + this.pauseMs
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS)
    this.trouble = `${host}:${port} does not take lines: ${error instanceof Error ? error.message : String(error)}`
    return this.trouble
  }

  private connect(): Promise<Socket> {
    const { host, port, transport, ca } = this.settings
    assertAllowed(host)
    return new Promise((resolve, reject) => {
      const options = { host, port, lookup: checkedLookup }
      const socket =
        transport === 'tls'
          ? connectTls({
              ...options,
              ...(isIP(host) === 0 && { servername: host }),
              ...(ca !== undefined && { ca }),
            })
          : connectPlain(options)
      const timer = setTimeout(
        () => socket.destroy(new Error(`no connection within ${CONNECT_MS / 1000} s`)),
        CONNECT_MS,
      )
      socket.once(transport === 'tls' ? 'secureConnect' : 'connect', () => {
        clearTimeout(timer)
        resolve(socket)
      })
      socket.on('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
      // Nothing is expected of a receiver; what it sends is dropped, so that its end of the connection is seen.
      socket.resume()
      socket.on('close', () => {
        if (this.socket === socket) this.socket = null
        reject(new Error('the connection was closed'))
      })
      socket.unref()
    })
  }

  private writePart(socket: Socket, bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(new Error(`nothing was taken for ${STALL_MS / 1000} s`)), STALL_MS)
      const onClose = () => done(new Error('the connection was closed'))
      const done = (error?: Error | null) => {
        clearTimeout(timer)
        socket.off('close', onClose)
        if (error) reject(error)
        else resolve()
      }
      socket.once('close', onClose)
      socket.write(bytes, done)
    })
  }
}
