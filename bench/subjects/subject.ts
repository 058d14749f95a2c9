/** Something that is measured: a proxy in front of the upstream, or the upstream itself. */
export interface Subject {
  readonly name: string
  readonly port: number
  /** Whose CPU time counts. */
  readonly pid: number
}

/** How a subject is started. Null where its program is not installed. */
export type StartSubject = (context: SubjectContext) => Promise<Subject | null>

export interface SubjectContext {
  /** A folder for configuration files, gone with the benchmark. */
  readonly folder: string
  readonly upstreamPort: number
}
