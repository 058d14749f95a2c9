import { DatabaseError, Pool, type PoolClient, type QueryResultRow, types } from 'pg'
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from '#bundles/kysely'

/** Connections to PostgreSQL. */

const CONNECTIONS = 10
const CONNECT_TIMEOUT_MS = 10_000
/** Longer than any statement of ours takes: a server that says nothing for so long is gone. */
const QUERY_TIMEOUT_MS = 60_000
/** A control plane that vanished in mid-transaction keeps others from its rows no longer than this. */
const IDLE_IN_TRANSACTION_MS = 60_000

/** The number of PostgreSQL's type `bigint`. */
const INT8 = 20

/** The pool of connections to a database; none is made yet. */
export function connectionPool(url: string): Pool {
  return new Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'turnpike',
    // Said in words, not at the start of the connection, where poolers of connections refuse what they do not know.
    onConnect: (client) => client.query(`set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`),
    // All of our integers are numbers in JavaScript; `pg` would make text of those with 64 bits.
    types: { getTypeParser: (id, format) => (id === INT8 ? Number : types.getTypeParser(id, format)) },
  })
}

/** The connection, not the statement, has failed: whether a commit arrived is not known. */
export class ConnectionLost extends Error {}

/** The pool as Kysely sees it: failed connections are told apart from failed statements, and never used again. */
export function strict(pool: Pool): PostgresPool {
  return {
    connect: async () => new StrictClient(await pool.connect().catch(lost)),
    end: () => pool.end(),
  }
}

/** A connection that is in use, for one transaction. */
class StrictClient implements PostgresPoolClient {
  private readonly client: PoolClient
  private isLost = false
  /** Between two statements nobody waits for an answer, so nobody but this would be told. */
  private readonly onError = () => {
    this.isLost = true
  }

  constructor(client: PoolClient) {
    this.client = client
    client.on('error', this.onError)
  }

  query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
  query<R>(
    text: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof text !== 'string') throw new TypeError('The store uses no cursors.')
    return this.run(text, parameters)
  }

  private async run<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    if (this.isLost) throw new ConnectionLost('the connection was lost')
    try {
      const { command, rowCount, rows } = await this.client.query<R & QueryResultRow>(text, [...parameters])
      // `pg` types the command as any text; Kysely makes no others than it names.
      return { command: command as PostgresQueryResult<R>['command'], rowCount: rowCount ?? 0, rows }
    } catch (error) {
      this.isLost ||= !(error instanceof DatabaseError)
      return lost(error)
    }
  }

  release(): void {
    this.client.off('error', this.onError)
    this.client.release(this.isLost)
  }
}

function lost(error: unknown): never {
  if (error instanceof DatabaseError) throw error
  throw new ConnectionLost(messageOf(error), { cause: error })
}

/** What an error of `pg` or of the network says. */
export function messageOf(error: unknown): string {
  // Of a host with several addresses that all fail, Node.js says so only in the parts.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
