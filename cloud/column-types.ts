import type { ColumnType } from 'kysely'

/** Null where it is left out. */
export type Nullable<Value> = ColumnType<Value | null, Value | null | undefined, Value | null>
/** A timestamptz: read as Date, written as Date or ISO 8601 text. */
export type Moment = ColumnType<Date, Date | string, Date | string>
export type OptionalMoment = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>
export type DefaultMoment = ColumnType<Date, Date | string | undefined, Date | string>
/** A bigint: node-postgres reads it as text, for not all of its numbers are numbers of JavaScript. */
export type BigInteger = ColumnType<string, string | number | bigint, string | number | bigint>
export type DefaultBigInteger = ColumnType<
  string,
  string | number | bigint | undefined,
  string | number | bigint
>
/** jsonb: written as JSON text, for node-postgres makes Postgres arrays of JavaScript's. */
export type Json<Value> = ColumnType<Value, string, string>
export type DefaultJson<Value> = ColumnType<Value, string | undefined, string>

/** `{field: stamp}` of the fields that both sides may change. */
export type FieldVersions = Readonly<Record<string, string>>
