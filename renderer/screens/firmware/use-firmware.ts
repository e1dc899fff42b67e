import { queryOptions, useQuery } from '@tanstack/react-query'
import type { FirmwareBundleDetails } from '#contract/api/firmware.ts'
import { UPLOAD_PART } from '#contract/model/telemetry-file.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { toBase64 } from '#renderer/api/job-file.ts'

const FIRMWARE = ['firmware']

const bundlesQuery = queryOptions({
  queryKey: [...FIRMWARE, 'bundles'],
  queryFn: async ({ signal }) => (await api.firmware.list({}, { signal })).bundles,
  // How many jobs used one moves by itself.
  staleTime: 0,
})

const publishersQuery = queryOptions({
  queryKey: [...FIRMWARE, 'publishers'],
  queryFn: async ({ signal }) => (await api.firmware.listPublishers({}, { signal })).publishers,
})

export const useBundles = () => useQuery(bundlesQuery)
export const usePublishers = () => useQuery(publishersQuery)

export const useBundle = (bundleId: string) =>
  useQuery({
    queryKey: [...FIRMWARE, 'bundle', bundleId],
    queryFn: ({ signal }) => api.firmware.show({ bundleId }, { signal }),
    staleTime: 0,
  })

/** Whether a tenant flashes only signed bundles; null: of none. */
export const useFirmwareSettings = (tenant: string | null) =>
  useQuery({
    queryKey: [...FIRMWARE, 'settings', tenant],
    queryFn: ({ signal }) => api.firmware.settings(tenant === null ? {} : { tenant }, { signal }),
    enabled: tenant !== null,
  })

export function firmwareChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: FIRMWARE })
}

/** Sends the ZIP of a bundle in parts, on every host the same, and has it taken in. */
export async function importBundle(
  zip: File,
  {
    tenant,
    onProgress,
    signal,
  }: { tenant: string | null; onProgress(share: number): void; signal: AbortSignal },
): Promise<FirmwareBundleDetails> {
  let uploadId: string | undefined
  let offset = 0
  do {
    const part = new Uint8Array(await zip.slice(offset, offset + UPLOAD_PART).arrayBuffer())
    const answer = await api.firmware.upload(
      { name: zip.name, offset, data: toBase64(part), ...(uploadId !== undefined && { uploadId }) },
      { signal },
    )
    uploadId = answer.uploadId
    offset = answer.bytes
    onProgress(zip.size === 0 ? 1 : offset / zip.size)
  } while (offset < zip.size)
  return api.firmware.import({ uploadId, ...(tenant !== null && { tenant }) }, { signal })
}
