import { useTranslation } from 'react-i18next'
import type { BenchRun } from '#contract/model/flash.ts'
import css from './bench.module.css'
import type { CardAsk } from './card-dialogs.tsx'
import { EmptyBench } from './empty-bench.tsx'
import { FreeCard } from './free-card.tsx'
import { IdleCard } from './idle-card.tsx'
import { JobCard } from './job-card.tsx'
import type { Slot } from './slots.ts'

/** One card a port, each where it always was. */
export function PortGrid(props: {
  slots: readonly Slot[]
  run: BenchRun | null
  /** Stays the same function: cards are drawn only when something of theirs changes. */
  onAsk(ask: CardAsk): void
}) {
  const { t } = useTranslation('bench')
  const { slots, run, onAsk } = props
  if (slots.length === 0) return <EmptyBench />
  const open = run?.state === 'open' ? run : null
  return (
    <div className={css.ports} role="group" aria-label={t('ports')}>
      {slots.map(({ identity, number, port, job }) => {
        if (job !== null)
          return (
            <JobCard
              key={identity}
              number={number}
              port={port}
              job={job}
              check={run?.id === job.runId ? (run?.setup.check ?? null) : null}
              onAsk={onAsk}
            />
          )
        if (port !== null)
          return (
            <IdleCard
              key={identity}
              number={number}
              port={port}
              runId={open?.id ?? null}
              startsByItself={open !== null && port.beginsByItself}
              next={open?.next?.code ?? null}
              onAsk={onAsk}
            />
          )
        return (
          <FreeCard
            key={`free-${identity}`}
            number={number}
            startsByItself={open?.setup.startByItself ?? false}
            next={open?.next?.code ?? null}
          />
        )
      })}
    </div>
  )
}
