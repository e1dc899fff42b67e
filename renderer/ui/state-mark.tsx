import { useTranslation } from 'react-i18next'
import { assertNever } from '#contract/errors.ts'
import type { FleetStatus } from '#contract/model/gateway.ts'

/** Every state that has a mark: those of a gateway, and those of a thing that is due, failed, passed or running. */
export type Mark = FleetStatus | 'due' | 'failed' | 'passed' | 'running'

/** The shape and colour of a state. Nothing is told by colour alone: put the word beside it, or use `State`. */
export function StateMark({ mark, size = 16 }: { mark: Mark; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false" data-mark={mark}>
      <Shape mark={mark} />
    </svg>
  )
}

function Shape({ mark }: { mark: Mark }) {
  switch (mark) {
    case 'online':
      return <circle cx="8" cy="8" r="3.5" fill="var(--mark)" />
    case 'offline':
      return (
        <>
          <circle cx="8" cy="8" r="7" fill="var(--red)" />
          <path
            d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"
            stroke="var(--red-ink)"
            strokeWidth="1.8"
            strokeLinecap="round"
          />
        </>
      )
    case 'refused':
      return (
        <>
          <circle cx="8" cy="8" r="7" fill="var(--orange)" />
          <path d="M4.4 8h7.2" stroke="var(--orange-ink)" strokeWidth="2.2" />
        </>
      )
    case 'stale':
      return (
        <>
          <circle cx="8" cy="8" r="6.4" fill="var(--yellow)" stroke="var(--yellow-text)" />
          <path
            d="M8 4.4V8l2.4 1.6"
            stroke="var(--yellow-ink)"
            strokeWidth="1.5"
            fill="none"
            strokeLinecap="round"
          />
        </>
      )
    case 'waiting':
      return (
        <circle
          cx="8"
          cy="8"
          r="6"
          fill="none"
          stroke="var(--mark)"
          strokeWidth="1.5"
          strokeDasharray="2.6 2.1"
        />
      )
    case 'suspended':
      return (
        <>
          <circle cx="8" cy="8" r="6.4" fill="none" stroke="var(--mark)" strokeWidth="1.4" />
          <path d="M6.4 5.6v4.8M9.6 5.6v4.8" stroke="var(--mark)" strokeWidth="1.5" strokeLinecap="round" />
        </>
      )
    case 'revoked':
      return (
        <>
          <circle cx="8" cy="8" r="6.4" fill="none" stroke="var(--mark)" strokeWidth="1.4" />
          <path d="M3.6 12.4l8.8-8.8" stroke="var(--mark)" strokeWidth="1.5" />
        </>
      )
    case 'due':
      return (
        <path
          d="M8 15.2L.4 1.2h15.2z"
          fill="var(--yellow)"
          stroke="var(--yellow-text)"
          strokeWidth=".8"
          strokeLinejoin="round"
        />
      )
    case 'failed':
      return (
        <>
          <rect x="1" y="1" width="14" height="14" rx="1" fill="var(--red)" />
          <path
            d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6"
            stroke="var(--red-ink)"
            strokeWidth="1.8"
            strokeLinecap="round"
          />
        </>
      )
    case 'passed':
      return (
        <>
          <circle cx="8" cy="8" r="6.4" fill="none" stroke="var(--mark)" strokeWidth="1.4" />
          <path
            d="M5.2 8.2l2 2 3.8-4.2"
            fill="none"
            stroke="var(--mark)"
            strokeWidth="1.5"
            strokeLinecap="round"
          />
        </>
      )
    case 'running':
      return (
        <>
          <circle
            cx="8"
            cy="8"
            r="6"
            fill="none"
            stroke="var(--line-strong)"
            strokeOpacity=".4"
            strokeWidth="2.4"
          />
          <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="var(--accent)" strokeWidth="2.4" />
        </>
      )
    default:
      return assertNever(mark)
  }
}

/** Colour of the words of a state: normal ones are quiet. */
export function stateTone(status: FleetStatus): 't-red' | 't-orange' | 't-yellow' | '' {
  if (status === 'offline') return 't-red'
  if (status === 'refused') return 't-orange'
  if (status === 'stale') return 't-yellow'
  return ''
}

/** Mark and word of a gateway's state. */
export function State({ status }: { status: FleetStatus }) {
  const { t } = useTranslation('common')
  return <StateView status={status} word={t(`status.${status}`)} />
}

/** The same, for lists that have the word already. */
export function StateView({ status, word }: { status: FleetStatus; word: string }) {
  return (
    <span className={`state ${stateTone(status)}`}>
      <StateMark mark={status} />
      {word}
    </span>
  )
}
