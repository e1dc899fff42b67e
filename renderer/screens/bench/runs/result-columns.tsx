import { useMediaQuery } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { FlashJob } from '#contract/model/flash.ts'
import { useErrorText } from '#renderer/api/error-text.ts'
import { jobError } from '#renderer/api/job-error.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import type { Column } from '#renderer/ui/table/column.ts'
import { markOf, minutes } from '../card-words.ts'
import { useJobWord } from '../use-job-word.ts'

/** What is told of each board; of the reason first what happened. */
export function useResultColumns(): readonly Column<FlashJob>[] {
  const { t, i18n } = useTranslation(['bench', 'common'])
  const format = useFormat()
  const wordOf = useJobWord()
  const errorText = useErrorText()
  const narrow = useMediaQuery('(max-width: 700px)') ?? false
  return useMemo(() => {
    const text = (
      id: string,
      header: string,
      width: string,
      of: (job: FlashJob) => string,
    ): Column<FlashJob> => ({
      id,
      header,
      width,
      sortKey: of,
      cell: of,
      text: of,
    })
    const mono = (column: Column<FlashJob>): Column<FlashJob> => ({
      ...column,
      cell: (job) => <span className="mono">{column.text(job)}</span>,
    })
    const seconds = ({ startedAt, endedAt }: FlashJob) =>
      endedAt === null ? null : (endedAt.getTime() - startedAt.getTime()) / 1_000
    const reading = ({ firstReading }: FlashJob) => {
      if (firstReading === null) return ''
      const value = format.value(firstReading.value, { on: t('common:value.on'), off: t('common:value.off') })
      return `${firstReading.channel} ${value}${firstReading.unit === null ? '' : ` ${firstReading.unit}`}`
    }
    const all: Column<FlashJob>[] = [
      {
        ...text('state', t('results.result'), '172px', wordOf),
        cell: (job) => (
          <span className={job.state === 'failed' ? 'state t-red' : 'state'}>
            <StateMark mark={markOf(job)} />
            {wordOf(job)}
          </span>
        ),
      },
      {
        ...text('gateway', t('card.gateway'), '180px', ({ gateway }) =>
          gateway === null ? '' : `${gateway.code} ${gateway.name}`,
        ),
        cell: ({ gateway }) =>
          gateway === null ? (
            ''
          ) : gateway.id === null ? (
            `${gateway.code} ${gateway.name}`
          ) : (
            <Link to="/gateways/$gatewayId" params={{ gatewayId: gateway.id }}>
              {gateway.code} {gateway.name}
            </Link>
          ),
      },
      mono(text('mac', t('board.mac'), '148px', ({ board }) => board?.mac ?? '')),
      mono(text('port', t('results.port'), '88px', ({ port }) => port.name)),
      text('board', t('card.board'), '132px', ({ board }) => board?.model ?? ''),
      text('reading', t('results.reading'), '148px', reading),
      {
        ...text('seconds', t('results.took'), '64px', (job) => {
          const took = seconds(job)
          return took === null ? '' : minutes(took)
        }),
        align: 'right',
        sortKey: seconds,
      },
      {
        ...text('attempt', t('results.attempts'), '80px', ({ attempt }) => format.integer(attempt)),
        align: 'right',
        sortKey: ({ attempt }) => attempt,
      },
      {
        ...text('why', t('results.why'), 'minmax(160px, 1fr)', ({ error }) =>
          error === null ? '' : errorText(jobError(error)).what,
        ),
        cell: ({ error }) => {
          if (error === null) return ''
          const words = errorText(jobError(error))
          return <span title={`${words.what}. ${words.todo}`}>{words.what}</span>
        },
      },
      {
        ...text('started', t('runs.started'), '80px', ({ startedAt }) => format.clock(startedAt)),
        sortKey: ({ startedAt }) => startedAt.getTime(),
      },
    ]
    const onPhone = new Set(['state', 'gateway'])
    return narrow ? all.filter(({ id }) => onPhone.has(id)) : all
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the words change with the language, and only with it
  }, [i18n.language, format, narrow])
}
