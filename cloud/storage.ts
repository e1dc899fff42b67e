import type { ClientBase } from 'pg'
import type { TelemetryOptions } from './migrations/0001-telemetry.ts'

export type StorageWish = 'native' | 'timescale' | 'auto'

/**
 * How readings are to be stored. `auto`: in TimescaleDB where the database has the extension; `timescale` makes it, where
 * the server has it and the role may.
 * @throws what Postgres says where TimescaleDB was asked for and cannot be had
 */
export async function storageOf(client: ClientBase, wish: StorageWish): Promise<TelemetryOptions> {
  if (wish === 'native') return { storage: 'native', timescale: null }
  if (wish === 'timescale') await client.query('CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public')
  const { rows } = await client.query<{ schema: string; licence: string | null; bounded: boolean }>(
    `SELECT quote_ident(n.nspname) AS schema, current_setting('timescaledb.license', true) AS licence,
       current_setting('timescaledb.max_tuples_decompressed_per_dml_transaction', true) IS NOT NULL AS bounded
     FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
     WHERE e.extname = 'timescaledb'`,
  )
  const found = rows[0]
  if (!found) return { storage: 'native', timescale: null }
  // Under Apache's licence there are hypertables, and neither compression nor continuous aggregates.
  const { schema, licence, bounded } = found
  return { storage: 'timescale', timescale: { schema, community: licence !== 'apache', bounded } }
}
