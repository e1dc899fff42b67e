import { type FlashJob, type FlashStep, flashSteps } from '#contract/model/flash.ts'
import type { Mark } from '#renderer/ui/state-mark.tsx'

/** Where a job ended that failed, as people call it: by the error where that tells more than the step. */
export type FailurePlace = FlashStep | 'wifi' | 'broker' | 'reading' | 'check'

const places: Record<string, FailurePlace> = {
  board_wifi_failed: 'wifi',
  board_broker_failed: 'broker',
  reading_missed: 'reading',
  reading_out_of_range: 'check',
}

export function failurePlace({ step, error }: FlashJob): FailurePlace {
  return places[error?.code ?? ''] ?? step
}

/** 1 to 7. */
export function stepNumber(step: FlashStep): number {
  return flashSteps.indexOf(step) + 1
}

/** The step behind; null behind the last. */
export function stepAfter(step: FlashStep): FlashStep | null {
  return flashSteps[flashSteps.indexOf(step) + 1] ?? null
}

/** How each of the seven bars of a card looks. */
export function stepBars({ state, step }: FlashJob): ('done' | 'now' | 'failed' | 'open')[] {
  const at = flashSteps.indexOf(step)
  return flashSteps.map((_, index) => {
    if (state === 'passed' || index < at) return 'done'
    if (index > at) return 'open'
    if (state === 'running') return 'now'
    return state === 'failed' ? 'failed' : 'open'
  })
}

export function markOf({ state }: FlashJob): Mark {
  switch (state) {
    case 'running':
      return 'running'
    case 'passed':
      return 'passed'
    case 'failed':
      return 'failed'
    case 'cancelled':
    case 'skipped':
      return 'suspended'
    case 'interrupted':
      return 'due'
  }
}

/** Share of the present step, 0 to 1; null where it has none. */
export function shareOf({ progress }: FlashJob): number | null {
  if (progress === null || progress.total <= 0) return null
  return Math.min(1, Math.max(0, progress.done / progress.total))
}

/** `0:18`, `12:05`, `1:02:05`. */
export function minutes(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3_600)
  const left = `${hours > 0 ? two(Math.floor((whole % 3_600) / 60)) : Math.floor(whole / 60)}:${two(whole % 60)}`
  return hours > 0 ? `${hours}:${left}` : left
}

/** A retry of it can succeed. */
export function canRetry({ state, kind }: FlashJob): boolean {
  return kind === 'gateway' && (state === 'failed' || state === 'cancelled' || state === 'interrupted')
}

/** `ESP32-D0WD rev 3.1, 4 MB`: flash is counted in powers of two. */
export function flashWords(bytes: number): string {
  return bytes >= 1 << 20 ? `${bytes / (1 << 20)} MB` : `${bytes / 1_024} KB`
}
