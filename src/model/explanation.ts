import { type Static, Type } from '#bundles/typebox'

const Header = Type.Object({ name: Type.String(), value: Type.String() })

/** A request to be explained, as a client would send it. */
export const ExplainedRequest = Type.Object(
  {
    method: Type.String({ title: 'Method', maxLength: 64, default: 'GET' }),
    target: Type.String({
      title: 'Target',
      description: 'Path and query.',
      maxLength: 8192,
      examples: ['/pets/1?full=1'],
    }),
    headers: Type.Array(Header, {
      title: 'Headers',
      description: 'Without Host, which is that of the stage.',
      default: [],
    }),
    body: Type.String({ title: 'Body', maxLength: 16_384, default: '' }),
    clientIp: Type.String({ title: 'Client address', maxLength: 45, default: '127.0.0.1' }),
  },
  { additionalProperties: false },
)
export type ExplainedRequest = Static<typeof ExplainedRequest>

/** A route that fits the path, and why it was or was not taken. */
const Candidate = Type.Object({
  pattern: Type.String(),
  method: Type.String(),
  verdict: Type.String({ description: '`matched`, `less specific`, or `other method`.' }),
})

/** What one plugin did. */
const PluginStep = Type.Object({
  plugin: Type.String(),
  decision: Type.String({
    description: '`goes on`, `answers`, `fails`, `is skipped` (its condition is false), or `would answer` (in shadow).',
  }),
  detail: Type.Union([Type.String(), Type.Null()], { description: 'The code of the answer, or the error.' }),
  durationMs: Type.Number(),
  changes: Type.Array(Type.String(), { description: 'What it changed, in words.' }),
  notes: Type.Array(Type.String(), {
    description: 'Where it was moved, whether it is in shadow, why its condition failed, and how full its limits are.',
  }),
})

/** What would be sent to the backend. */
const BackendRequest = Type.Object({
  url: Type.String({ description: 'The target that would be connected to.' }),
  head: Type.Array(Type.String(), { description: 'Request line and header fields, as they would be written.' }),
  body: Type.String(),
})

const Answer = Type.Object({
  by: Type.Enum(['gateway', 'plugin', 'backend'], { description: 'Who answered.' }),
  status: Type.Integer(),
  headers: Type.Array(Header),
  body: Type.String({ description: 'Up to 64 KiB of it, as UTF-8.' }),
})

/** The way of a request through a snapshot, step by step. */
export const Explanation = Type.Object({
  snapshot: Type.String({ description: 'Hash of the snapshot.' }),
  path: Type.Union([Type.String(), Type.Null()], { description: 'The canonical path; null where it was refused.' }),
  candidates: Type.Array(Candidate, { description: 'Routes that fit the path, the most specific first.' }),
  variables: Type.Record(Type.String(), Type.String(), { description: 'Path variables.' }),
  requestPlugins: Type.Array(PluginStep),
  backend: Type.Union([BackendRequest, Type.Null()], { description: 'null where it is not asked.' }),
  responsePlugins: Type.Array(PluginStep),
  answer: Type.Union([Answer, Type.Null()], {
    description: 'null where the backend would answer and was not called.',
  }),
})
export type Explanation = Static<typeof Explanation>
export type PluginStep = Static<typeof PluginStep>
