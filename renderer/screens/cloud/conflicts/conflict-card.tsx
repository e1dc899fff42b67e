import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { CloudConflict } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from '../cloud.module.css'
import { useEntityWord } from '../refused/letter-words.ts'
import { entityKey, fieldKey, type NameOf, timeOf, valueText } from './conflict-words.ts'
import own from './conflicts.module.css'

/** Fields that have a word of their own. */
const fields = new Set(['name', 'state', 'tenantId', 'groupId', 'ownerUserId', 'parentId', 'deletedAt'])

/** One field with its two values, side by side: who, when, and what shall count. */
export function ConflictCard(props: {
  conflict: CloudConflict
  nameOf: NameOf
  /** Whether there are several tenants: with one, the word is nowhere. */
  several: boolean
  onSettled(): void
}) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const { conflict } = props
  const entity = useEntityWord()(conflict.entity)
  const field = fieldKey(conflict.field)
  const isOpen = conflict.resolvedAt === null
  const resolve = useMutation({
    mutationFn: (use: 'kept' | 'other') => api.cloud.resolveConflict({ conflictId: conflict.id, use }),
    onSettled: props.onSettled,
  })
  const shared = { conflict, nameOf: props.nameOf, isOpen }
  const hasNoWord = entityKey(conflict.entity) === 'tenant' && !props.several
  const busy = resolve.isPending ? resolve.variables : null
  return (
    <li className={own.conflict}>
      <div className={own.conflictHead}>
        <h2>{hasNoWord ? conflict.name : `${entity} ${conflict.name}`}</h2>
        <span className="sec">{fields.has(field) ? t(`field.${field}`) : conflict.field}</span>
        <span className="sub small push" title={format.utc(conflict.at)}>
          {format.dateTime(conflict.at)}
        </span>
      </div>
      <div className={own.sides}>
        <Side {...shared} which="kept" busy={busy} onUse={() => resolve.mutate('kept')} />
        <Side {...shared} which="other" busy={busy} onUse={() => resolve.mutate('other')} />
      </div>
      {resolve.error !== null && (
        <div className={css.inset}>
          <ErrorNote error={resolve.error} />
        </div>
      )}
      {conflict.resolvedAt !== null && (
        <p className={`sub small ${own.settled}`}>
          {t('conflicts.settled', {
            name: conflict.resolvedByName ?? t('conflicts.somebody'),
            at: format.dateTime(conflict.resolvedAt),
          })}
        </p>
      )}
    </li>
  )
}

function Side(props: {
  conflict: CloudConflict
  nameOf: NameOf
  which: 'kept' | 'other'
  isOpen: boolean
  busy: 'kept' | 'other' | null
  onUse(): void
}) {
  const { t } = useTranslation(['cloud', 'common'])
  const format = useFormat()
  const { conflict, which, busy } = props
  const { value, by, site, at } = conflict[which]
  const stateWord = (word: string | null) =>
    conflict.field === 'state' && word !== null ? t(`common:state.${word}`, { defaultValue: word }) : word
  const time = timeOf(conflict, value)
  const text = time === null ? stateWord(valueText(value, props.nameOf)) : format.dateTime(time)
  return (
    <div className={own.side} data-which={which} role="group" aria-label={t(`conflicts.${which}`)}>
      <h3 className="sub small">{t(`conflicts.${which}`)}</h3>
      <p className={own.sideValue}>{text ?? <span className="sub">{t('conflicts.nothing')}</span>}</p>
      <p className="sub small" title={format.utc(at)}>
        {t('conflicts.by', {
          name: by === 'site' ? t('conflicts.site', { name: site }) : t(`conflicts.who.${by}`),
          at: format.dateTime(at),
        })}
      </p>
      {props.isOpen && (
        <Button
          size="xs"
          loading={busy === which}
          disabled={busy !== null && busy !== which}
          onClick={props.onUse}
          aria-label={t(`conflicts.useOf.${which}`, { value: text ?? t('conflicts.nothing') })}
        >
          {t(`conflicts.use.${which}`)}
        </Button>
      )}
    </div>
  )
}
