import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { addHistory } from '#features/sync/telemetry/index.ts'
import type { CloudConnection } from '#platform/postgres/cloud-connection.ts'
import { type PostgresServer, startPostgres } from '#tests/fixtures/postgres-server.ts'
import { ReadingsPlant } from '#tests/fixtures/readings-plant.ts'
import { createCloud, type SharedCloud } from '#tests/fixtures/shared-cloud.ts'
import { say } from '../figure.ts'
import { BenchFolder, buildStore } from '../store/bench-store.ts'
import { type History, readingsOf } from '../store/shapes.ts'

const run = promisify(execFile)

/** Postgres with its fsync on, as a site's cloud has it; one that waits for nobody's disk but its own. */
const settings = { fsync: 'on', shared_buffers: '512MB', max_wal_size: '4GB', jit: 'off' }

/** A cloud on this machine, and a site with a stored history that is to go there. */
export class SyncBench {
  readonly #folder = new BenchFolder()
  server: PostgresServer | null = null
  cloud: SharedCloud | null = null
  plant: ReadingsPlant | null = null
  readings = 0

  async open(history: History): Promise<void> {
    await this.#folder.create()
    this.server = await startPostgres({ settings })
    this.cloud = await createCloud(this.server)
    this.readings = readingsOf(history)
    say(`building a store of ${this.readings.toLocaleString('en')} readings`)
    this.plant = await ReadingsPlant.open(this.server, this.cloud, {
      name: 'Benchmark',
      isDurable: true,
      under: this.#folder.path,
      prepare: (dir) => buildStore(dir, history),
    })
    await this.plant.nameChannels()
    const { lastSeq } = await this.plant.historian.stats()
    await this.plant.db.updateTable('cloudLink').set({ tailSeq: lastSeq }).execute()
  }

  get parts(): { server: PostgresServer; cloud: SharedCloud; plant: ReadingsPlant } {
    const { server, cloud, plant } = this
    if (server === null || cloud === null || plant === null) throw new Error('it is not open')
    return { server, cloud, plant }
  }

  /** Sends all of it, to a cloud that has none of it. @returns seconds, and what went over the wire */
  async sendHistory(): Promise<{ seconds: number; written: number; read: number }> {
    const { cloud, plant } = this.parts
    const owner = await cloud.connectAsSuperuser()
    await owner.query('TRUNCATE millwright.telemetry')
    await owner.query('CHECKPOINT')
    await owner.end()
    await plant.db.transaction().execute((trx) =>
      addHistory(trx, {
        tenantId: plant.tenantId,
        fromAt: null,
        byName: null,
        now: Date.now(),
        total: this.readings,
      }),
    )
    const stop = new AbortController()
    const connection = await plant.connect('history', stop.signal)
    const [before, beforeRead] = [connection.bytesWritten, connection.bytesRead]
    const startedAt = performance.now()
    const running = plant.sync.runSweeps(connection, plant.session, stop.signal)
    await Promise.race([running, this.#swept()])
    const seconds = (performance.now() - startedAt) / 1_000
    const bytes = wire(connection, before, beforeRead)
    stop.abort()
    await running
    await connection.close()
    return { seconds, ...bytes }
  }

  async #swept(): Promise<void> {
    for (;;) {
      if ((await this.parts.plant.sweeps()).every(({ endedAt }) => endedAt !== null)) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async close(): Promise<void> {
    await this.plant?.close()
    await this.server?.stop()
    await this.#folder.remove()
  }

  /** What the cloud has now as a file of `psql \copy`, and a table like ours that it goes into. @returns null: there is no psql here */
  async copyPeer(): Promise<{ load(): Promise<number> } | null> {
    const { server, cloud } = this.parts
    const url = server.urlOf({ database: cloud.database })
    const file = `${this.#folder.path}/rows.copy`
    const psql = (...commands: string[]) =>
      run('psql', [
        url,
        '-X',
        '-q',
        '-v',
        'ON_ERROR_STOP=1',
        ...commands.flatMap((command) => ['-c', command]),
      ])
    try {
      await psql(
        'CREATE TABLE peer (LIKE millwright.telemetry, PRIMARY KEY (channel, ts))',
        `\\copy (SELECT * FROM millwright.telemetry ORDER BY channel, ts) TO '${file}'`,
      )
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error
      say('there is no psql here: nothing to compare with')
      return null
    }
    return {
      load: async () => {
        await psql('TRUNCATE peer', 'CHECKPOINT')
        const startedAt = performance.now()
        await psql(`\\copy peer FROM '${file}'`)
        return (performance.now() - startedAt) / 1_000
      },
    }
  }
}

function wire(connection: CloudConnection, written: number, read: number): { written: number; read: number } {
  return { written: connection.bytesWritten - written, read: connection.bytesRead - read }
}
