/** Changes that go one after the other, whatever becomes of each. */
export class Turns {
  private last: Promise<void> = Promise.resolve()

  /** Makes a change when those before it are made, and tells who asked for it what became of it. */
  take(change: () => Promise<void>): Promise<void> {
    const done = this.last.then(change)
    // The next in turn waits for this one, whatever became of it; whoever asked for this one is told.
    this.last = done.catch(() => undefined)
    return done
  }
}
