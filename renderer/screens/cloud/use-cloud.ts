import type { CloudView } from '#contract/api/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { type Live, useLive } from '#renderer/api/live.ts'

/** The link to the cloud as it is now; told when it changes, never asked again. */
export function useCloud(): Live<CloudView> {
  return useLive(['cloud'], (signal) => api.cloud.watch(undefined, { signal }))
}
