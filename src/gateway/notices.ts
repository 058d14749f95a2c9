/** Between two lines of the same subject. */
const QUIET_MS = 60_000
/** Subjects that are remembered; beyond this the oldest may speak again. */
const MAX_SUBJECTS = 10_000

/** Lines for the program's log about what traffic does: the first of a subject at once, and then one a minute at most. */
export class Notices {
  private readonly log: (message: string) => void
  private readonly now: () => number
  private readonly subjects = new Map<string, { quietUntil: number; held: number }>()

  constructor(log: (message: string) => void, now: () => number) {
    this.log = log
    this.now = now
  }

  /** Says something about a subject, unless that has been heard of within the last minute; then it is counted. */
  say(subject: string, message: string): void {
    const now = this.now()
    const known = this.subjects.get(subject)
    if (known !== undefined && now < known.quietUntil) {
      known.held++
      return
    }
    this.log(
      known === undefined || known.held === 0 ? message : `${message} (and ${known.held} more since the last line)`,
    )
    this.subjects.delete(subject)
    this.subjects.set(subject, { quietUntil: now + QUIET_MS, held: 0 })
    for (const oldest of this.subjects.keys()) {
      if (this.subjects.size <= MAX_SUBJECTS) break
      this.subjects.delete(oldest)
    }
  }
}
