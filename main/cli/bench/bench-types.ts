import type { RestClient } from '#client/rest-client.ts'

/** As REST gives them: times are text. */
export type Run = Awaited<ReturnType<RestClient['bench']['run']>>['run']
export type Job = Awaited<ReturnType<RestClient['bench']['run']>>['jobs'][number]
export type Port = Awaited<ReturnType<RestClient['bench']['ports']>>['ports'][number]
export type BenchEvent =
  Awaited<ReturnType<RestClient['bench']['watch']>> extends AsyncIterable<infer Event> ? Event : never
