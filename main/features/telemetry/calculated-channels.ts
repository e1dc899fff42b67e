import type { ReadingValue } from '#contract/model/reading.ts'
import type { Buckets } from '#contract/model/telemetry-query.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { Spans } from '#platform/historian/historian.ts'

/** A calculated channel as queries name it. */
export interface CalculatedChannel {
  id: string
  tenantId: string
  name: string
  unit: string | null
}

/** What telemetry needs of calculations; the engine binds it. */
export interface CalculatedChannels {
  byId(scope: TenantScope, id: string): CalculatedChannel | undefined
  /** The one that it names: in `tenantId`, or, null, in the one tenant of the scope that has it. */
  byName(scope: TenantScope, tenantId: string | null, name: string): CalculatedChannel | undefined
  /** One answer for each, in their order. @throws ExpectedError as the historian's `buckets` */
  buckets(ids: string[], spans: Spans, signal: AbortSignal | undefined): Promise<Buckets[]>
  watch(ids: string[]): Promise<CalculatedWatch>
}

/** New values of calculations, for one receiver. */
export interface CalculatedWatch {
  take(): { channelId: string; ts: number[]; values: ReadingValue[]; quality: number[] }[]
  close(): void
}
