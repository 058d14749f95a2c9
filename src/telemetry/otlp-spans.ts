import {
  type Attributes,
  type HrTime,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Span } from '../model/span.ts'

/** Spans in the form that OpenTelemetry's own packages encode. */

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const

/** What made the spans: the program itself. */
export interface Scope {
  readonly name: string
  readonly version: string
}

export function toReadableSpan(span: Span, resource: Resource, instrumentationScope: Scope): ReadableSpan {
  const { traceId, spanId, parentId, tracestate, isParentRemote: isRemote } = span
  const traceFlags = TraceFlags.SAMPLED
  const traceState = tracestate === '' ? undefined : stateOf(tracestate)
  const context = (id: string, isRemote: boolean): SpanContext => ({
    traceId,
    spanId: id,
    traceFlags,
    isRemote,
    ...(traceState && { traceState }),
  })
  return {
    name: span.name,
    kind: kinds[span.kind],
    spanContext: () => context(spanId, false),
    ...(parentId !== '' && { parentSpanContext: context(parentId, isRemote) }),
    startTime: hrTime(span.start),
    endTime: hrTime(span.end),
    duration: hrTime(span.end - span.start),
    status: { code: span.isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: span.attributes as Attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

/** What is encoded of a state is its text. */
function stateOf(text: string): NonNullable<SpanContext['traceState']> {
  const state = { serialize: () => text, get: () => undefined, set: () => state, unset: () => state }
  return state
}

/** Seconds and nanoseconds. */
export function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1e3)
  return [seconds, Math.min(999_999_999, Math.round((milliseconds - seconds * 1e3) * 1e6))]
}
