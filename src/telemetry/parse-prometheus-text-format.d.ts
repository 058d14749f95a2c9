/** The parser of the text format comes without types. */
declare module 'parse-prometheus-text-format' {
  /** Reads a text. Of histograms it keeps the buckets alone, those of all series as one. */
  // biome-ignore lint/style/noDefaultExport: that is how the package exports it
  export default function parsePrometheusTextFormat(text: string): {
    readonly name: string
    readonly help: string
    readonly type: 'COUNTER' | 'GAUGE' | 'HISTOGRAM' | 'SUMMARY' | 'UNTYPED'
    readonly metrics: readonly {
      readonly value?: string
      readonly labels?: Readonly<Record<string, string>>
      readonly buckets?: Readonly<Record<string, string>>
    }[]
  }[]
}
