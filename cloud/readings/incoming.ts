/**
 * The table that a site copies readings into: one row is a run, readings of one channel with the same flags, in order
 * of time. What is even in a run is said once: entry k of a column is `first + k * step + rest[k]`, and `rest` is left
 * out where it is all zeros. Values that are whole numbers of 1/scale are sent like that too, others as `floats`.
 */
export const INCOMING = 'pg_temp.millwright_incoming'

/** The columns in the order in which a site copies them. */
export const incomingColumns = [
  // Of this batch, counted from 0.
  ['run', 'integer NOT NULL'],
  ['channel', 'bigint NOT NULL'],
  ['flags', 'smallint NOT NULL'],
  ['n', 'integer NOT NULL'],
  // ms since 1970 UTC of the first reading; the last one is `span` ms later.
  ['ts', 'bigint NOT NULL'],
  ['span', 'bigint NOT NULL'],
  ['ts_step', 'bigint NOT NULL'],
  ['ts_rest', 'bigint[]'],
  ['seq', 'bigint NOT NULL'],
  ['seq_step', 'bigint NOT NULL'],
  ['seq_rest', 'bigint[]'],
  ['value', 'bigint'],
  ['value_step', 'bigint'],
  ['value_rest', 'bigint[]'],
  ['scale', 'double precision'],
  ['floats', 'double precision[]'],
  ['texts', 'text[]'],
] as const

const lists = ['ts_rest', 'seq_rest', 'value_rest', 'floats', 'texts'] as const

/** A run lies within this, so that nobody has partitions made for centuries by naming two readings. */
export const LONGEST_RUN = 31 * 24 * 3_600_000
export const MOST_READINGS_OF_A_RUN = 65_536

/**
 * Makes the table for this session; each transaction finds it empty (emptying it by hand would have everything planned
 * anew, and write to the catalogue, with each batch). It belongs to the owner of the schema: what a site makes under its
 * name (a view, a table with rules or casts of its own) would run with the rights of take_readings().
 */
export const openIncoming = `CREATE OR REPLACE FUNCTION millwright.open_incoming() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, millwright, pg_temp AS $body$
BEGIN
  IF pg_catalog.to_regclass('${INCOMING}') IS NULL THEN
    CREATE TEMPORARY TABLE millwright_incoming (
      ${incomingColumns.map(([name, type]) => `${name} ${type}`).join(', ')},
      CHECK (n BETWEEN 1 AND ${MOST_READINGS_OF_A_RUN}),
      CHECK (span BETWEEN 0 AND ${LONGEST_RUN}),
      CHECK (scale > 0),
      ${lists.map((name) => `CHECK (cardinality(${name}) = n)`).join(', ')}
    ) ON COMMIT DELETE ROWS;
    -- Compressing what is read once and thrown away costs more than it saves.
    ALTER TABLE ${INCOMING} ${lists.map((name) => `ALTER ${name} SET STORAGE EXTERNAL`).join(', ')};
    GRANT INSERT ON ${INCOMING} TO millwright_site;
  ELSE
    PERFORM millwright.own_incoming();
  END IF;
END
$body$`

export const ownIncoming = `CREATE OR REPLACE FUNCTION millwright.own_incoming() RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, millwright, pg_temp AS $body$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_class
    WHERE oid = to_regclass('${INCOMING}') AND relkind = 'r'
      AND relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
  ) THEN
    RAISE EXCEPTION 'millwright_incoming is not there: call millwright.open_incoming() first' USING ERRCODE = '55000';
  END IF;
END
$body$`
