import { keepPreviousData, queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Annotation } from '#contract/api/annotations.ts'
import { api, queryClient, useLiveEffect } from '#renderer/api/client.ts'
import type { TimeWindow } from '#renderer/charts/time-range.ts'

/** As many as a chart and a list of a range show. */
const MOST = 500

const annotationsQuery = (from: number, to: number, channelIds: readonly string[]) =>
  queryOptions({
    queryKey: ['annotations', from, to, ...channelIds],
    queryFn: ({ signal }) =>
      api.annotations.list({ from, to, channelIds: [...channelIds], limit: MOST }, { signal }),
    placeholderData: keepPreviousData,
  })

export interface Annotations {
  /** Of the window and around it, oldest first. */
  all: readonly Annotation[]
  /** There are more than are shown. */
  more: boolean
  error: unknown
}

/** Annotations about these channels or everything, around the window; live. Channels: those of the site, not calculated ones. */
export function useAnnotations(
  channelIds: readonly string[],
  window: TimeWindow,
  enabled: boolean,
): Annotations {
  const span = window.to - window.from
  // On a grid of the window's own size, so that a pan asks once in a while.
  const grid = 2 ** Math.ceil(Math.log2(Math.max(1_000, span)))
  const from = Math.floor((window.from - span / 2) / grid) * grid
  const to = Math.ceil((window.to + span / 2) / grid) * grid
  useLiveEffect(
    ['annotations', 'watch'],
    (signal) => api.annotations.watch(undefined, { signal }),
    () => void queryClient.invalidateQueries({ queryKey: ['annotations'] }),
  )
  const { data, error } = useQuery({ ...annotationsQuery(from, to, channelIds), enabled })
  return useMemo(
    () => ({ all: enabled ? (data?.annotations.toReversed() ?? []) : [], more: data?.more ?? false, error }),
    [data, error, enabled],
  )
}

export interface AnnotationInput {
  from: number
  to: number
  text: string
  channelIds: string[]
  tenant?: string | undefined
}

/** Writes, changes and deletes; the live list follows. */
export function useAnnotationActions() {
  const onSuccess = () => void queryClient.invalidateQueries({ queryKey: ['annotations'] })
  const create = useMutation({
    mutationFn: (input: AnnotationInput) => api.annotations.create(input),
    onSuccess,
  })
  const update = useMutation({
    mutationFn: ({ of, tenant: _, ...changes }: AnnotationInput & { of: Annotation }) =>
      api.annotations.update({ annotationId: of.id, version: of.version, ...changes }),
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: (annotationId: string) => api.annotations.delete({ annotationId }),
    onSuccess,
  })
  return { create, update, remove }
}
