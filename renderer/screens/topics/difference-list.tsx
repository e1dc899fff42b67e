import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { TopicMessage } from '#contract/api/topics.ts'
import { differences } from './payload-diff.ts'
import css from './topics.module.css'

/** What changed from the message before: each place with its sign, what it was and what it is. */
export function DifferenceList({ before, after }: { before: TopicMessage | null; after: TopicMessage }) {
  const { t } = useTranslation('topics')
  const found = useMemo(() => before && differences(before, after), [before, after])
  if (before === null) return <p className={`${css.none} sub`}>{t('difference.first')}</p>
  if (found === null) return <p className={`${css.none} sub`}>{t('difference.bytes')}</p>
  if (found.list.length === 0) return <p className={`${css.none} sub`}>{t('difference.same')}</p>
  return (
    <ul className={css.differences}>
      {found.list.map(({ kind, place, before: was, after: is }) => (
        <li key={`${kind} ${place}`} data-kind={kind}>
          <span className={css.sign} title={t(`difference.${kind}`)}>
            <span aria-hidden="true">{signs[kind]}</span>
            <span className="visually-hidden">{t(`difference.${kind}`)}</span>
          </span>
          <span className={css.place}>{place}</span>
          <span className={css.values}>
            {was !== null && <del>{was}</del>} {is !== null && <ins>{is}</ins>}
          </span>
        </li>
      ))}
      {found.more > 0 && <li className="sub">{t('difference.more', { count: found.more })}</li>}
    </ul>
  )
}

const signs = { added: '+', removed: '−', changed: '→' } as const
