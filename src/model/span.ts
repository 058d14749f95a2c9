/** One span of a trace, as a worker hands it over: plain data, which is only made for requests that are recorded. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits; of the parent empty for none. */
  readonly spanId: string
  readonly parentId: string
  /** Whether the parent is another program's. */
  readonly isParentRemote: boolean
  readonly tracestate: string
  /** `server` is a request, `client` an attempt to have it answered by a backend, `internal` a plugin that waited. */
  readonly kind: 'server' | 'client' | 'internal'
  readonly name: string
  /** Milliseconds since the Unix epoch, with fractions. */
  readonly start: number
  end: number
  isError: boolean
  readonly attributes: Record<string, string | number | boolean>
}

/** Spans on their way from a worker. */
export interface SpanBatch {
  readonly spans: readonly Span[]
  /** Spans that found no room since the last batch. */
  readonly dropped: number
}

/** Which requests are recorded. */
export interface Sampling {
  /** Whether what a caller has decided holds; else each request is decided upon by itself. */
  readonly isParentBased: boolean
  /** The share of traces that are recorded where nobody has decided, from 0 to 1. */
  readonly ratio: number
  /** Whose traces are continued: everybody's, or those of trusted proxies alone. */
  readonly parents: 'all' | 'trusted'
}
