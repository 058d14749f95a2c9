import type { Static, TObject } from 'typebox'
import type { HeaderList } from '../lib/header-list.ts'
import type { ReplyCode } from './replies.ts'

/**
 * The plugin contract. A plugin is one file: its name, its settings as a schema, its place and its code. Validation,
 * API documentation, the console's form and the reference page all come from the definition.
 */

/** The phases of a request, in the order in which they run; a response passes them in reverse. `registry.ts` keeps to it. */
export const phases = [
  'identify',
  'guard',
  'authenticate',
  'authorize',
  'limit',
  'validate',
  'transform',
  'answer',
] as const
export type Phase = (typeof phases)[number]

/** Where a plugin may be attached. */
export type Place = 'stage' | 'path' | 'method'

/** Something that is wrong with a value: where (JSON Pointer) and what, with the remedy. */
export interface Problem {
  readonly path: string
  readonly message: string
}

/** What `check` may know of the node that a plugin is attached to. */
export interface CheckContext {
  /** The path variables that exist at the node, `+` included where the variable has it. */
  readonly pathVariables: readonly string[]
}

/** A message of HTTP as plugins see it: hop-by-hop, framing and `Host` fields are not among the headers. */
export interface ExchangeRequest {
  /** As sent, in upper case as methods are. */
  readonly method: string
  /** `http` or `https`: how the client reached the gateway (or the trusted proxy before it). */
  readonly scheme: string
  /** The authority that the client asked for, with its port if it gave one. */
  readonly host: string
  /** The request target's path and query exactly as the client sent them. */
  readonly rawTarget: string
  /** The canonical path: percent-decoded where safe, no dot segments, no empty segments (`lib/canonical-path.ts`). */
  readonly path: string
  /** The query as sent, without the question mark; empty if there is none. What is here goes to the backend. */
  query: string
  readonly headers: HeaderList
  /** The value of a path variable as it stands in the canonical path (percent-encoded), or undefined. */
  variable(name: string): string | undefined
}

/** The answer on its way back, from `onResponse` on. */
export interface ExchangeResponse {
  status: number
  readonly headers: HeaderList
}

/** Who sends the request, once an authentication plugin knows. */
export interface Consumer {
  readonly id: string
  readonly name: string
  readonly groups: readonly string[]
}

/** One request and its answer. Owned by the connection and reused: keep nothing of it beyond `onFinish`. */
export interface Exchange {
  /** Identifies the request in headers, logs and answers: 32 hexadecimal digits, or what `request-id` took over. */
  id: string
  /** Milliseconds since the Unix epoch, to the coarse clock of the worker. */
  readonly receivedAt: number
  /** The address of the client, as the trusted proxies resolve it, never a bare header. */
  readonly clientIp: string
  readonly request: ExchangeRequest
  readonly response: ExchangeResponse
  readonly route: { readonly id: string; readonly pattern: string; readonly method: string }
  readonly stage: { readonly id: string; readonly name: string; readonly variables: Readonly<Record<string, string>> }
  consumer: Consumer | null
  /** What went wrong, where the gateway itself answers; for templates and logs. */
  readonly error: { readonly type: string; readonly code: string; readonly message: string } | null
}

/** An answer instead of going on: one of the gateway's own by its code, or a response of the plugin's making. */
export type Reply =
  | { readonly reply: ReplyCode; readonly detail?: string; readonly headers?: readonly (readonly [string, string])[] }
  | {
      readonly status: number
      readonly headers: readonly (readonly [string, string])[]
      readonly body: string | Uint8Array
    }

/** What a handler gives back: nothing to go on, a reply to answer now, or a promise of either. */
export type Outcome = Reply | undefined
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is the common case
export type HandlerResult = Outcome | void | Promise<Outcome | void>

/** What a plugin does, per route. Only the handlers that it needs: the pipeline calls nothing that is not there. */
export interface Handlers {
  /** Before the backend. A rejected promise or a throw answers 500: a plugin never fails open. */
  onRequest?(x: Exchange): HandlerResult
  /** After the backend or a reply, in reverse order, before the head goes to the client. */
  onResponse?(x: Exchange): void | Promise<void>
  /** When all has been sent, or the client is gone. */
  onFinish?(x: Exchange): void
}

/** What `create` is given beside the settings. */
export interface PluginEnv {
  /** Random bytes for ids, as hexadecimal text; `bytes` of them. */
  randomHex(bytes: number): string
}

/** A plugin, declared once. */
export interface PluginDefinition<Name extends string = string, Config extends TObject = TObject> {
  readonly name: Name
  /** One sentence: what it does. */
  readonly summary: string
  /** Markdown for the reference page: what one must know beyond the settings. */
  readonly docs: string
  readonly phase: Phase
  readonly attach: readonly Place[]
  readonly config: Config
  /** Everything wrong with the settings that the schema cannot say. */
  check?(config: Static<Config>, context: CheckContext): Problem[]
  /** Called once per route when a snapshot is loaded; does all that is expensive. */
  create(config: Static<Config>, env: PluginEnv): Handlers
}

/** Returns its argument; exists only to infer the name and the type of the settings. */
export function definePlugin<const Name extends string, Config extends TObject>(
  definition: PluginDefinition<Name, Config>,
): PluginDefinition<Name, Config> {
  return definition
}
