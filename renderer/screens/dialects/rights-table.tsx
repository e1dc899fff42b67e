import { useTranslation } from 'react-i18next'
import type { TopicKind } from '#contract/model/dialect.ts'
import css from './dialects.module.css'

/** What a gateway of the dialect may publish and subscribe to, with its names filled in. */
export function RightsTable(props: {
  rights: readonly { direction: 'to_site' | 'to_gateway'; kind: TopicKind; topic: string; will: boolean }[]
  clientId: string
}) {
  const { t } = useTranslation('dialects')
  return (
    <div className={css.inset}>
      <p className="sec">
        {t('rights.clientId')} <code>{props.clientId}</code>
      </p>
      <table className={css.rights}>
        <thead>
          <tr>
            <th scope="col">{t('rights.may')}</th>
            <th scope="col">{t('rights.topic')}</th>
            <th scope="col">{t('rights.for')}</th>
          </tr>
        </thead>
        <tbody>
          {props.rights.map(({ direction, kind, topic, will }) => (
            <tr key={`${direction} ${topic} ${kind}`}>
              <td>{t(direction === 'to_site' ? 'rights.publish' : 'rights.subscribe')}</td>
              <td>
                <code>{topic}</code>
              </td>
              <td>
                {t(`kind.${kind}`)}
                {will && `, ${t('rights.will')}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
