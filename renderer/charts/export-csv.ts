import { useCallback, useEffect, useRef, useState } from 'react'
import { api, shell } from '#renderer/api/client.ts'
import { saveFile } from '#renderer/ui/save-file.ts'

export interface ExportSource {
  /** Code. */
  gateway: string
  /** Slug. */
  tenant: string
  /** Key. */
  channel: string
}

export interface ExportQuestion {
  /** The one channel in words, where it is one. */
  source?: ExportSource
  channelIds: string[]
  /** ms. */
  from: number
  /** ms, exclusive. */
  to: number
}

/** `GW001_2026-11-21T1100Z_2026-11-21T1200Z.csv`: sortable, and free of characters that file systems refuse. */
export function exportFileName(subject: string, from: number, to: number): string {
  const stamp = (at: number) => `${new Date(at).toISOString().slice(0, 16).replaceAll(':', '')}Z`
  const safe = subject.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^-+|-+$/g, '')
  return `${safe === '' ? 'telemetry' : safe}_${stamp(from)}_${stamp(to)}.csv`
}

/** Where a browser streams the file of one channel from, straight to its disk; the site names it by these words. */
export function exportAddress(source: ExportSource, from: number, to: number): string {
  const { gateway, tenant, channel } = source
  return `/api/v1/telemetry/export?${new URLSearchParams({ gateway, tenant, channel, from: String(from), to: String(to) })}`
}

/** Saves the readings of a range as CSV. Resolves with false when the person cancelled. */
export async function exportCsv(
  question: ExportQuestion,
  fileName: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { source, channelIds, from, to } = question
  if (shell === undefined && source !== undefined) {
    const link = document.createElement('a')
    link.href = exportAddress(source, from, to)
    link.download = fileName
    link.click()
    return true
  }
  // Channels of several gateways, and a window without HTTP, get their file in parts.
  const parts: string[] = []
  for await (const part of await api.telemetry.exportCsv({ channelIds, from, to }, { signal }))
    parts.push(part)
  return (await saveFile(fileName, new Blob(parts, { type: 'text/csv' }), 'text/csv')) !== null
}

/** Export with its progress: one at a time, ended when the screen is left. */
export function useExportCsv() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const controller = useRef<AbortController | null>(null)
  useEffect(() => () => controller.current?.abort(), [])
  const start = useCallback((question: ExportQuestion, fileName: string) => {
    controller.current?.abort()
    const current = new AbortController()
    controller.current = current
    setBusy(true)
    setError(null)
    exportCsv(question, fileName, current.signal)
      .catch((reason: unknown) => {
        if (!current.signal.aborted) setError(reason)
      })
      .finally(() => {
        if (controller.current === current) setBusy(false)
      })
  }, [])
  return { busy, error, start }
}
