import type { CloudStatus } from '#contract/model/cloud.ts'
import css from '../cloud.module.css'
import type { Remedy } from '../state-words.ts'
import { BacklogLine } from './backlog-line.tsx'
import { Cautions } from './cautions.tsx'
import { Figures } from './figures.tsx'
import { StateBanner } from './state-banner.tsx'
import { SweepsCard } from './sweeps-card.tsx'
import { TenantsCard } from './tenants-card.tsx'

/** The link at a glance: all normal is grey and quiet. */
export function OverviewTab({ status, onRemedy }: { status: CloudStatus; onRemedy(remedy: Remedy): void }) {
  return (
    <div className={css.stack}>
      <StateBanner status={status} onRemedy={onRemedy} />
      <Cautions status={status} />
      <Figures status={status} />
      <BacklogLine status={status} />
      <SweepsCard status={status} />
      <TenantsCard status={status} />
    </div>
  )
}
