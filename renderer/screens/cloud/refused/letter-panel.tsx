import { ActionIcon, Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { CloudDeadLetter } from '#contract/model/cloud.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from '../cloud.module.css'
import { EditForm } from './edit-form.tsx'
import { useLetterWords } from './letter-words.ts'
import own from './refused.module.css'
import { visible } from './value-form.ts'

/** Of these a new value does not help: the time or the channel is what is wrong. */
const notByValue = new Set(['cloud_time_out_of_range', 'cloud_channel_gone'])

/** One refused thing: what it is, why, and what can be done. */
export function LetterPanel(props: {
  letter: CloudDeadLetter
  onRetry(): void
  onDiscard(): void
  onClose(): void
}) {
  const { t } = useTranslation(['cloud', 'common'])
  const format = useFormat()
  const words = useLetterWords()
  const { letter } = props
  const reason = words.reason(letter)
  const name = words.name(letter)
  return (
    <aside className={own.panel} aria-label={t('refused.panel', { name })}>
      <div className={own.panelHead}>
        <h2 className={css.wrap}>{name}</h2>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('common:action.close')}
          onClick={props.onClose}
        >
          <Icon name="close" />
        </ActionIcon>
      </div>
      <div className={own.panelReason}>
        <StateMark mark="refused" />
        <div>
          <p className="strong">{reason.what}</p>
          <p className="sec">{reason.todo}</p>
        </div>
      </div>
      <KeyValues
        pairs={[
          [t('refused.direction'), t(`refused.way.${letter.direction}`)],
          letter.ts === null ? null : [t('refused.column.ts'), <Time key="ts" at={letter.ts} />],
          letter.kind === 'object' || letter.value === null
            ? null
            : [
                t('refused.column.value'),
                <code key="value" className={css.wrap}>
                  {visible(letter.value)}
                </code>,
              ],
          [t('refused.column.attempts'), format.integer(letter.attempts)],
          [t('refused.firstAt'), <Time key="first" at={letter.firstAt} />],
          [t('refused.column.lastAt'), <Time key="last" at={letter.lastAt} />],
        ]}
      />
      {letter.fields !== null && <Fields fields={letter.fields} />}
      {letter.kind === 'reading' && letter.direction === 'up' && !notByValue.has(letter.reason.code) && (
        <EditForm letter={letter} onDone={props.onClose} />
      )}
      <div className={own.panelActions}>
        <Button size="xs" onClick={props.onRetry}>
          {t('refused.retry')}
        </Button>
        <Button size="xs" color="red" onClick={props.onDiscard}>
          {t('refused.discard')}
        </Button>
      </div>
    </aside>
  )
}

function Time({ at }: { at: number }) {
  const format = useFormat()
  // ECMA-262 21.4.1.1
  return Math.abs(at) > 8.64e15 ? (
    <code>{at}</code>
  ) : (
    <span title={format.utc(at)}>{format.dateTime(at)}</span>
  )
}

/** What of the object could not be written. */
function Fields({ fields }: { fields: Record<string, unknown> }) {
  const { t } = useTranslation('cloud')
  return (
    <section className={own.section} aria-label={t('refused.fields')}>
      <h3>{t('refused.fields')}</h3>
      <dl className={own.plainFields}>
        {Object.entries(fields).map(([name, value]) => (
          <div key={name}>
            <dt className="mono sub">{name}</dt>
            <dd className={`mono ${css.wrap}`}>
              {typeof value === 'string' ? visible(value) : JSON.stringify(value)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
