import { useTranslation } from 'react-i18next'
import type { ImportReport } from '#contract/model/telemetry-file.ts'
import { useFormat } from './format.ts'
import css from './import-report.module.css'
import { KeyValues } from './layout.tsx'

/** What a file of history holds, or what became of it: figures, channels, the first bad rows. */
export function ImportReportView({ report }: { report: ImportReport }) {
  const { t } = useTranslation('import')
  const format = useFormat()
  const { from, to, dryRun, channels, channelCount, problems, format: file } = report
  return (
    <div className={css.report}>
      <KeyValues
        pairs={[
          [t('rows'), format.integer(report.rows)],
          [t('readings'), format.integer(report.readings)],
          report.refused === 0 ? null : [t('refused'), format.integer(report.refused)],
          report.empty === 0 ? null : [t('empty'), format.integer(report.empty)],
          from === null || to === null
            ? null
            : [t('range'), t('fromTo', { from: format.dateTime(from), to: format.dateTime(to) })],
          [
            t('read'),
            t(`format.${file.layout}`, { separator: separatorOf(file.separator), decimal: file.decimal }),
          ],
          [t('times'), t(`time.${file.time}`, { zone: file.timeZone })],
          dryRun ? null : [t('stored'), format.integer(report.stored)],
          dryRun ? null : [t('equal'), format.integer(report.equal)],
          dryRun ? null : [t('corrections'), format.integer(report.corrections)],
        ]}
      />
      {channels.length > 0 && (
        <div className={css.scroll} tabIndex={0} role="region" aria-label={t('channels')}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{t('channel')}</th>
                <th scope="col">{t('kind')}</th>
                <th scope="col">{t('unit')}</th>
                <th scope="col" className={css.number}>
                  {t('readings')}
                </th>
              </tr>
            </thead>
            <tbody>
              {channels.map(({ channel, kind, unit, readings, isNew }) => (
                <tr key={channel}>
                  <td className="mono">
                    {channel} {isNew && <span className="sub">{t('new')}</span>}
                  </td>
                  <td>{t(`kindName.${kind}`)}</td>
                  <td>{unit ?? ''}</td>
                  <td className={css.number}>{format.integer(readings)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {channelCount > channels.length && (
            <p className="sub small">{t('moreChannels', { count: channelCount - channels.length })}</p>
          )}
        </div>
      )}
      {problems.length > 0 && (
        <div className={css.scroll} tabIndex={0} role="region" aria-label={t('problems')}>
          <table className={css.table}>
            <caption>{t('problems')}</caption>
            <thead>
              <tr>
                <th scope="col" className={css.number}>
                  {t('line')}
                </th>
                <th scope="col">{t('column')}</th>
                <th scope="col">{t('why')}</th>
                <th scope="col">{t('text')}</th>
              </tr>
            </thead>
            <tbody>
              {problems.map(({ line, column, problem, text }) => (
                <tr key={`${line} ${column} ${problem} ${text}`}>
                  <td className={css.number}>{format.integer(line)}</td>
                  <td className="mono">{column ?? ''}</td>
                  <td>{t(`problem.${problem}`)}</td>
                  <td className="mono">{text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  )
}

function separatorOf(separator: string): string {
  return separator === '\t' ? '⇥' : separator
}
