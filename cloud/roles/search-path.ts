/**
 * Where sessions look for names that are not qualified, which ours all are: nowhere that somebody else may put any. Up to
 * Postgres 14 everybody may make functions in the schema `public`, and one whose arguments fit better is called in place
 * of Postgres' own, with the rights of whoever asks (CVE-2018-1058). Temporary tables are looked for last, functions there
 * never. Without spaces, as an option of a connection wants it.
 */
export const SEARCH_PATH = 'pg_catalog,pg_temp'
