import type { Pulse } from '#contract/api/site.ts'
import { api } from './client.ts'
import { useLive } from './live.ts'

/** The site's pulse, about once a second: one subscription, however many read it. */
export function usePulse(): Pulse | undefined {
  return useLive(['pulse'], (signal) => api.site.watchPulse(undefined, { signal })).value
}
