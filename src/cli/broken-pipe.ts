/** What becomes of the program when nobody reads what it writes any more, as behind `| head`. */

/** What shells say of a program that the signal SIGPIPE has ended, which Node.js does not let through: 128 and its number. */
const ENDED_BY_SIGPIPE = 141

/** A command has nothing more to do: it ends at once. */
export function endWithoutReaders(): void {
  process.stdout.on('error', endAt)
  process.stderr.on('error', endAt)
}

/** A server is not there to be read: it goes on, and what it would have said is lost. */
export function goOnWithoutReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.off('error', endAt)
    stream.on('error', failUnlessUnread)
  }
}

function endAt(error: NodeJS.ErrnoException): void {
  failUnlessUnread(error)
  process.exit(ENDED_BY_SIGPIPE)
}

/** Throws whatever else it is. */
function failUnlessUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
