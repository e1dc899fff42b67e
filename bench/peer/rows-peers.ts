import { say } from '../figure.ts'
import { DuckDbRows } from './duckdb-rows.ts'
import { PostgresRows, postgresFolder } from './postgres-rows.ts'
import type { RowsPeer } from './rows-peer.ts'
import { SqliteRows } from './sqlite-rows.ts'

/** The peers that this machine has; the others are named on stderr. */
export async function rowsPeers(dir: string): Promise<RowsPeer[]> {
  const peers: RowsPeer[] = [await SqliteRows.open(dir), await DuckDbRows.open(dir)]
  const postgres = await postgresFolder()
  if (postgres === null) say('Postgres is not installed: no figures of it')
  else peers.push(await PostgresRows.open(dir, postgres))
  return peers
}
