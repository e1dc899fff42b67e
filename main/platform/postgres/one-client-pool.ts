import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type pg from 'pg'

/**
 * One connection as the pool that Kysely asks for: transactions take turns, so that the statements of one never
 * stand in another.
 */
export class OneClientPool implements PostgresPool {
  /** Of whoever would connect once more; nobody does. */
  readonly options = {}
  readonly #client: pg.Client
  #last: Promise<void> = Promise.resolve()

  constructor(client: pg.Client) {
    this.#client = client
  }

  async connect(): Promise<PostgresPoolClient> {
    const turn = this.#last
    let end: () => void = () => undefined
    this.#last = new Promise((resolve) => {
      end = resolve
    })
    await turn
    return {
      query: this.#client.query.bind(this.#client) as PostgresPoolClient['query'],
      release: () => end(),
    }
  }

  /** The connection is closed by whoever opened it. */
  async end(): Promise<void> {
    await this.#last
  }
}
