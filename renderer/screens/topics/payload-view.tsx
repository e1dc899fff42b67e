import { SegmentedControl } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TopicMessage } from '#contract/api/topics.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { DifferenceList } from './difference-list.tsx'
import { bytesOf, hexDump, likelyForm, type PayloadForm, prettyJson } from './payload-forms.ts'
import css from './topics.module.css'

type Shown = PayloadForm | 'difference'

/** A payload as JSON, text or bytes, and what changed since the message before. */
export function PayloadView({ message, before }: { message: TopicMessage; before: TopicMessage | null }) {
  const { t } = useTranslation('topics')
  const format = useFormat()
  const [chosen, setChosen] = useState<Shown | null>(null)
  const json = useMemo(() => prettyJson(message), [message])
  const likely = likelyForm(message)
  // A form that this message has not gives way to one that it has; the choice stays for the next.
  const form = chosen === null || (chosen === 'json' && json === null) ? likely : chosen
  const text = useMemo(() => textOf(form, message, json), [form, message, json])
  const data = (['json', 'text', 'hex', 'difference'] as const).map((value) => ({
    value,
    label: t(`form.${value}`),
    disabled: value === 'json' ? json === null : value === 'text' && message.encoding === 'base64',
  }))
  return (
    <section aria-label={t('payload')}>
      <div className={css.forms}>
        <SegmentedControl
          size="xs"
          data={data}
          value={form}
          aria-label={t('form.label')}
          onChange={(value) => setChosen(value)}
        />
        <CopyIconButton value={text ?? message.payload} label={t('copyPayload')} />
      </div>
      {message.length > bytesOf(message).length && (
        <p className={`${css.cut} small sec`}>
          {t('cut', { shown: format.bytes(bytesOf(message).length), all: format.bytes(message.length) })}
        </p>
      )}
      {form === 'difference' ? (
        <DifferenceList before={before} after={message} />
      ) : message.length === 0 ? (
        <p className={`${css.none} sub`}>{t('emptyPayload')}</p>
      ) : (
        <pre
          className={css.payloadText}
          data-hex={form === 'hex' || undefined}
          tabIndex={0}
          aria-label={t(`form.${form}`)}
        >
          {text}
        </pre>
      )}
    </section>
  )
}

function textOf(form: Shown, message: TopicMessage, json: string | null): string | null {
  switch (form) {
    case 'json':
      return json
    case 'text':
      return message.payload
    case 'hex':
      return hexDump(bytesOf(message))
    case 'difference':
      return null
  }
}
