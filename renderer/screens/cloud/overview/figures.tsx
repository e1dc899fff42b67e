import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { useNow } from '#renderer/ui/now.ts'
import own from './overview.module.css'

/** What waits, how fast it goes, when it last went well, and what did not go. */
export function Figures({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  return (
    <section className={own.figures} aria-label={t('figures.label')}>
      <Backlog status={status} />
      <Rate status={status} />
      <LastSuccess status={status} />
      <Count
        name={t('figures.refused')}
        count={status.deadLetters}
        foot={t(status.deadLetters === 0 ? 'figures.noneRefused' : 'figures.toRefused')}
        tab="refused"
      />
      <Count
        name={t('figures.conflicts')}
        count={status.conflicts}
        foot={t(status.conflicts === 0 ? 'figures.noConflicts' : 'figures.toConflicts')}
        tab="conflicts"
      />
    </section>
  )
}

function Figure(props: { name: string; value: ReactNode; foot: ReactNode }) {
  return (
    <div className={own.figure}>
      <div className={own.name}>{props.name}</div>
      <div className={`${own.value} live-value`}>{props.value}</div>
      <div className={own.figureFoot}>{props.foot}</div>
    </div>
  )
}

function Backlog({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const now = useNow()
  const { readings, oldestAt, objects } = status.backlog
  const age = oldestAt === null ? null : t('figures.oldest', { span: format.span(now - oldestAt) })
  const fleet =
    objects === 0 ? null : t('figures.objects', { count: objects, shown: format.integer(objects) })
  const foot = [age, fleet].filter((part) => part !== null).join(' · ')
  return (
    <Figure
      name={t('figures.backlog')}
      value={
        readings === null ? (
          <small>{t('figures.counting')}</small>
        ) : (
          <>
            {format.integer(readings)} <small>{t('figures.readings', { count: readings })}</small>
          </>
        )
      }
      foot={foot === '' ? t('figures.nothingWaits') : foot}
    />
  )
}

function Rate({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const { readingsPerSecond: rate, limits } = status
  const digits = rate > 0 && rate < 10 ? 1 : 0
  const bytes = t('figures.bytes', { rate: format.bytes(status.bytesPerSecond) })
  return (
    <Figure
      name={t('figures.rate')}
      value={
        <>
          {format.fixed(rate, digits)} <small>{t('figures.perSecond')}</small>
        </>
      }
      foot={
        limits.bytesPerSecond === null
          ? bytes
          : `${bytes} · ${t('figures.limit', { rate: format.bytes(limits.bytesPerSecond) })}`
      }
    />
  )
}

function LastSuccess({ status }: { status: CloudStatus }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const now = useNow()
  const { lastSuccessAt: at } = status
  return (
    <Figure
      name={t('figures.lastSuccess')}
      value={
        at === null ? (
          <small>{t('figures.never')}</small>
        ) : (
          <>
            {format.age(Math.max(0, now - at))} <small>{t('figures.ago')}</small>
          </>
        )
      }
      foot={at === null ? NOTHING : <span title={format.utc(at)}>{format.dateTime(at)}</span>}
    />
  )
}

function Count(props: { name: string; count: number; foot: string; tab: 'refused' | 'conflicts' }) {
  const format = useFormat()
  return (
    <Figure
      name={props.name}
      value={format.integer(props.count)}
      foot={
        props.count === 0 ? (
          props.foot
        ) : (
          <Link to="/cloud" search={{ tab: props.tab } as never}>
            {props.foot}
          </Link>
        )
      }
    />
  )
}
