import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { BenchSetup } from '#contract/model/flash.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { useMay } from '#renderer/api/use-session.ts'

/** A preview is asked for when one stops typing, ms. */
const TYPING = 300

const bundlesQuery = (tenant: string | null) =>
  queryOptions({
    queryKey: ['bench', 'bundles', tenant],
    queryFn: async ({ signal }) =>
      (await api.firmware.list(tenant === null ? {} : { tenant }, { signal })).bundles,
    staleTime: 0,
  })

/** Bundles that boards of the tenant may be flashed with, newest first. */
export function useBundles(tenant: string | null) {
  const may = useMay('firmware:read')
  return useQuery({ ...bundlesQuery(tenant), enabled: may })
}

const wifiQuery = (tenant: string | null) =>
  queryOptions({
    queryKey: ['bench', 'wifi', tenant],
    queryFn: async ({ signal }) =>
      (await api.bench.wifi(tenant === null ? {} : { tenant }, { signal })).networks,
    staleTime: 0,
  })

/** Wi-Fi networks that the tenant keeps for its boards. */
export function useWifi(tenant: string | null, enabled = true) {
  return useQuery({ ...wifiQuery(tenant), enabled })
}

export function wifiChanged(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['bench', 'wifi'] })
}

/** What a run with this set-up would be; asked for a moment after the last change. */
export function usePreview(setup: (BenchSetup & { tenant?: string }) | null) {
  const [settled, setSettled] = useState(setup)
  const text = JSON.stringify(setup)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(text)), TYPING)
    return () => clearTimeout(timer)
  }, [text])
  const query = useQuery({
    queryKey: ['bench', 'preview', settled],
    queryFn: ({ signal }) => api.bench.previewRun(settled ?? impossible(), { signal }),
    enabled: settled !== null,
    placeholderData: (before) => before,
    staleTime: 0,
    gcTime: 60_000,
    retry: false,
  })
  return { ...query, isOf: JSON.stringify(settled) === text }
}

function impossible(): never {
  throw new Error('A preview is asked for only with a set-up')
}
