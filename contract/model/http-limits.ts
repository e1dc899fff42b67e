import * as z from 'zod'

/** How often the API may be called. The screens stay far below. */
export const HttpLimitsSchema = z.object({
  /** Calls over HTTP from one address, before anybody asks who calls. */
  addressPerMinute: z.number().int().min(60).max(1_000_000),
  /** Calls of one person or API key over every transport, sustained. */
  callsPerSecond: z.number().int().min(1).max(10_000),
  /** And at once. */
  callBurst: z.number().int().min(10).max(100_000),
})
export type HttpLimits = z.infer<typeof HttpLimitsSchema>

export const httpLimitsDefault: HttpLimits = {
  addressPerMinute: 6_000,
  callsPerSecond: 100,
  callBurst: 1_000,
}
