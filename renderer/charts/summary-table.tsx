import { VisuallyHidden } from '@mantine/core'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '#renderer/ui/format.ts'
import type { BucketRows } from './bucket-rows.ts'
import { type ChartChannel, isNumeric } from './chart-channel.ts'
import { damagedSpans } from './chart-data.ts'
import { stateName } from './state-strip.ts'
import { statisticsOf } from './statistics.ts'
import type { TimeWindow } from './time-range.ts'
import { useStateWord } from './use-state-word.ts'

/** More of them are not listened to. */
const SPANS_SAID = 20

/** What a chart shows, as a table that screen readers read instead of its pixels. */
export const SummaryTable = memo(function SummaryTable(props: {
  label: string
  channels: readonly ChartChannel[]
  rows: ReadonlyMap<string, BucketRows>
  window: TimeWindow
  damaged?: ReadonlyMap<string, readonly TimeWindow[]>
}) {
  const { t } = useTranslation('charts')
  const format = useFormat()
  const stateWord = useStateWord()
  const damaged = damagedSpans(props, props.window).slice(0, SPANS_SAID)
  return (
    <VisuallyHidden>
      <table>
        <caption>
          {props.label}.{' '}
          {t('summary.window', {
            from: format.dateTime(props.window.from),
            to: format.dateTime(props.window.to),
          })}
          {damaged.length > 0 &&
            ` ${t('summary.damaged', {
              spans: damaged
                .map(({ from, to }) => `${format.dateTime(from)} – ${format.dateTime(to)}`)
                .join(', '),
            })}`}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('summary.channel')}</th>
            <th scope="col">{t('summary.last')}</th>
            <th scope="col">{t('summary.min')}</th>
            <th scope="col">{t('summary.average')}</th>
            <th scope="col">{t('summary.max')}</th>
          </tr>
        </thead>
        <tbody>
          {props.channels.map((channel) => {
            const rows = props.rows.get(channel.id)
            const statistics = rows === undefined ? null : statisticsOf(rows, props.window)
            const number = (value: number) => `${format.number(value)} ${channel.unit ?? ''}`
            return (
              <tr key={channel.id}>
                <th scope="row">{channel.name}</th>
                {statistics === null ? (
                  <td colSpan={4}>{t('summary.none')}</td>
                ) : isNumeric(channel) ? (
                  <>
                    <td>
                      {typeof statistics.last === 'number'
                        ? number(statistics.last)
                        : String(statistics.last)}
                    </td>
                    <td>{number(statistics.min)}</td>
                    <td>{number(statistics.average)}</td>
                    <td>{number(statistics.max)}</td>
                  </>
                ) : (
                  <td colSpan={4}>{stateWord(stateName(channel.kind, statistics.last))}</td>
                )}
              </tr>
            )
          })}
        </tbody>
      </table>
    </VisuallyHidden>
  )
})
