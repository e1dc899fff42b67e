import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { Storage } from '#contract/api/retention.ts'
import { useFormat } from '#renderer/ui/format.ts'
import css from './retention.module.css'
import { retentionQuery } from './retention-queries.ts'
import settings from './settings.module.css'

/** The store's files: one a month and class, newest first. */
export function RetentionFilesTable({ storage }: { storage: Storage }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const classes = useQuery(retentionQuery).data?.classes ?? []
  const { files } = storage
  if (files.length === 0) return <p className={`${settings.text} small sub`}>{t('storage.none')}</p>
  return (
    // Keyboards scroll what scrolls (WCAG 2.1.1).
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region
    <div className={css.files} tabIndex={0} role="region" aria-label={t('storage.files')}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('storage.month')}</th>
            <th scope="col">{t('storage.class')}</th>
            <th scope="col" className={css.number}>
              {t('storage.size')}
            </th>
            <th scope="col" className={`${css.number} ${css.narrowOff}`}>
              {t('storage.readings')}
            </th>
            <th scope="col" className={`${css.number} ${css.narrowOff}`}>
              {t('storage.perReadingShort')}
            </th>
            <th scope="col" className={css.number}>
              {t('storage.expires')}
            </th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr key={`${file.month} ${file.retentionClass}`}>
              <td>
                {file.month}
                {file.damagedBlocks > 0 && (
                  <span className="t-red"> · {t('storage.damaged', { count: file.damagedBlocks })}</span>
                )}
              </td>
              <td>{classes.find(({ id }) => id === file.retentionClass)?.name ?? file.retentionClass}</td>
              <td className={css.number}>{format.bytes(file.bytes)}</td>
              <td className={`${css.number} ${css.narrowOff}`}>{format.integer(file.readings)}</td>
              <td className={`${css.number} ${css.narrowOff}`}>
                {file.readings === 0 ? '–' : format.fixed(file.bytes / file.readings, 2)}
              </td>
              <td className={css.number}>
                {file.expiresAt === null ? t('storage.never') : format.date(file.expiresAt)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
