import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { GatewayImportCheck } from '#contract/model/gateway-import.ts'
import { hasEnded } from '#contract/model/job.ts'
import { api } from '#renderer/api/client.ts'
import { useJob } from '#renderer/api/jobs-store.ts'
import { uploadFile } from '#renderer/api/upload-file.ts'
import { type ImportChoices, optionsOf } from './import-search.ts'

/** Sends a file once, has it looked at, and starts the job with it. */
export function useGatewayImport(onStarted: (jobId: string) => void) {
  /** Where the site has which file. */
  const sent = useRef<{ file: File; source: string } | null>(null)
  const controller = useRef(new AbortController())
  useEffect(() => {
    const current = new AbortController()
    controller.current = current
    return () => current.abort()
  }, [])
  const check = useMutation({
    mutationFn: async ({
      file,
      choices,
    }: {
      file: File
      choices: ImportChoices
    }): Promise<GatewayImportCheck> => {
      if (sent.current?.file !== file)
        sent.current = { file, source: await uploadFile(file, () => undefined, controller.current.signal) }
      const request = { source: sent.current.source, ...optionsOf(choices) }
      try {
        return await api.gateways.importCheck(request)
      } catch (error) {
        // It may be gone at the site: the next try sends it anew.
        sent.current = null
        throw error
      }
    },
  })
  const start = useMutation({
    mutationFn: (choices: ImportChoices) =>
      api.gateways.importStart({ source: sent.current?.source ?? '', ...optionsOf(choices) }),
    onSuccess: ({ id }) => onStarted(id),
    onError: () => {
      sent.current = null
    },
  })
  return { check, start }
}

/** A job and its rows; asked for again as it goes on. */
export function useImportResult(jobId: string) {
  const job = useJob(jobId)
  const isLive = job !== undefined && !hasEnded(job.state)
  const query = useQuery({
    queryKey: ['gateway-import', jobId, job?.state ?? null],
    queryFn: ({ signal }) => api.gateways.importResult({ jobId }, { signal }),
    // Rows are put aside a few times in a job: what is newer shows as progress alone.
    enabled: !isLive,
  })
  return { job: job ?? query.data?.job, rows: query.data?.rows, query, isLive }
}
