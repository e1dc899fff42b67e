import type { ThresholdMeaning } from '#contract/model/dashboard.ts'

/** Shape and colour of a value that is not normal; the word stands beside it. */
export function ToneMark({ meaning, size = 14 }: { meaning: ThresholdMeaning; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {meaning === 'critical' && <rect x="1" y="1" width="14" height="14" rx="1" fill="var(--red)" />}
      {meaning === 'warning' && <path d="M8 1l7.5 14H.5z" fill="var(--orange)" />}
      {meaning === 'notice' && (
        <path d="M8 15L.5 1h15z" fill="var(--yellow)" stroke="var(--yellow-text)" strokeWidth=".8" />
      )}
    </svg>
  )
}

/** The tokens of each meaning: the words' colour, the ground and the mark's. */
export const toneTokens: Record<ThresholdMeaning, { text: string; mark: string }> = {
  critical: { text: 'var(--red-text)', mark: 'var(--red)' },
  warning: { text: 'var(--orange-text)', mark: 'var(--orange)' },
  notice: { text: 'var(--yellow-text)', mark: 'var(--yellow)' },
}
