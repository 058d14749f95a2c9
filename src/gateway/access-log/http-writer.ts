import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { checkedLookup, ForbiddenAddress } from '../../lib/checked-lookup.ts'
import { isForbiddenAddress } from '../../lib/forbidden-address.ts'
import type { HttpSettings, LogFormat } from '../../plugins/log-sinks.ts'
import { ALL_WRITTEN, countOf, eachLine, type Lines, type Writer, type Written } from './sink.ts'

/** Sends lines by POST, a batch at a time, and tries again where that may help. */

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** What is read of an answer: nobody needs it. */
const MOST_ANSWER_BYTES = 65_536
const TYPES: Readonly<Record<LogFormat, string>> = {
  json: 'application/x-ndjson',
  combined: 'text/plain',
  common: 'text/plain',
}
const compressed = promisify(gzip)

/** What became of one attempt. */
interface Attempt {
  /** Null where it was taken. */
  readonly trouble: string | null
  readonly mayHelpAgain: boolean
  /** How long the receiver wants to be left alone. */
  readonly pauseMs: number
}

export class HttpWriter implements Writer {
  private readonly settings: HttpSettings
  private readonly format: LogFormat
  private readonly url: URL
  private readonly agent: HttpAgent | HttpsAgent
  private readonly now: () => number

  constructor(settings: HttpSettings, format: LogFormat, now: () => number) {
    this.settings = settings
    this.format = format
    this.url = new URL(settings.url)
    const options = { keepAlive: true, maxSockets: 1, lookup: checkedLookup }
    this.agent = this.url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
    this.now = now
  }

  async write(all: readonly Lines[]): Promise<Written> {
    const body = await this.bodyOf(all)
    const giveUpAt = this.now() + this.settings.retrySeconds * 1000
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const attempt = await this.send(body)
      if (attempt.trouble === null) return ALL_WRITTEN
      const pause = Math.max(attempt.pauseMs, pauseMs * (0.5 + Math.random() / 2))
      if (!attempt.mayHelpAgain || this.now() + pause > giveUpAt)
        return { lost: countOf(all), trouble: `${this.url.origin} does not take lines: ${attempt.trouble}` }
      await wait(pause)
    }
  }

  async close(): Promise<void> {
    this.agent.destroy()
  }

  private async bodyOf(all: readonly Lines[]): Promise<Buffer> {
    const lines = Buffer.concat(all.map(({ bytes }) => bytes))
    const body = this.settings.body === 'array' ? asArray(lines) : lines
    return this.settings.compress ? compressed(body) : body
  }

  private send(body: Buffer): Promise<Attempt> {
    const { timeout } = this.settings
    return new Promise((resolve) => {
      const fail = (trouble: string, mayHelpAgain = true) => resolve({ trouble, mayHelpAgain, pauseMs: 0 })
      const host = this.url.hostname.replace(/^\[|\]$/g, '')
      // Addresses are not looked up, so they are checked here.
      if (isIP(host) !== 0 && isForbiddenAddress(host)) return fail(new ForbiddenAddress(host).message, false)
      const request = this.request(body.length)
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeout} s`)), timeout * 1000)
      request.on('close', () => clearTimeout(timer))
      request.on('error', (error) => fail(error.message, !(error instanceof ForbiddenAddress)))
      request.on('response', (response) => {
        drainAnswer(response)
        response.on('end', () => resolve(judge(response)))
        response.on('error', (error) => fail(error.message))
      })
      request.end(body)
    })
  }

  private request(length: number): ClientRequest {
    const { body, header, secret, compress } = this.settings
    const headers = {
      'content-type': body === 'array' ? 'application/json' : TYPES[this.format],
      'content-length': length,
      'user-agent': 'turnpike',
      ...(compress && { 'content-encoding': 'gzip' }),
      ...(secret !== undefined && { [header]: secret }),
    }
    const send = this.url.protocol === 'https:' ? requestHttps : requestHttp
    return send(this.url, { method: 'POST', agent: this.agent, headers })
  }
}

function drainAnswer(response: IncomingMessage): void {
  let size = 0
  response.on('data', (part: Buffer) => {
    size += part.length
    if (size > MOST_ANSWER_BYTES) response.destroy(new Error('the answer is too large'))
  })
}

function judge({ statusCode = 0, headers }: IncomingMessage): Attempt {
  if (statusCode >= 200 && statusCode < 300) return { trouble: null, mayHelpAgain: false, pauseMs: 0 }
  const seconds = Number(headers['retry-after'])
  return {
    trouble: `it answered ${statusCode}`,
    mayHelpAgain: statusCode === 408 || statusCode === 429 || statusCode >= 500,
    pauseMs: Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, LONGEST_PAUSE_MS) : 0,
  }
}

function asArray(lines: Buffer): Buffer {
  const parts: Buffer[] = []
  eachLine(lines, (line) => parts.push(parts.length === 0 ? OPEN : COMMA, line))
  return Buffer.concat([...parts, CLOSE])
}

const OPEN = Buffer.from('[')
const COMMA = Buffer.from(',')
const CLOSE = Buffer.from(']')
