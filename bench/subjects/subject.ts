/** Something that is measured: a proxy in front of the upstream, or the upstream itself. */
export interface Subject {
  readonly name: string
  readonly port: number
  /** Of TLS; nothing where it does not speak that. */
  readonly tlsPort?: number | null
  /** The process whose CPU time counts, with all below it. */
  readonly pid: number
  stop(): Promise<void>
}

/** Another proxy to compare with. */
export interface Peer {
  readonly name: string
  isInstalled(): boolean
  start(context: PeerContext): Promise<Subject>
}

export interface PeerContext {
  /** For configuration files; gone when the benchmark ends. */
  readonly folder: string
  readonly upstreamPort: number
  /** Files of a certificate and its key, in PEM, for subjects that speak TLS. */
  readonly identity?: { readonly certificate: string; readonly key: string }
}
