import { ActionIcon, Button, Checkbox, Select, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { prettyJson } from './payload-forms.ts'
import css from './topics.module.css'

/** Publishes to a topic, and says what was sent. What was typed stays, to be sent again. */
export function PublishPanel({ topic: given, onClose }: { topic: string; onClose(): void }) {
  const { t } = useTranslation(['topics', 'common'])
  const format = useFormat()
  const [topic, setTopic] = useState(given)
  const [payload, setPayload] = useState('')
  const [qos, setQos] = useState<0 | 1>(1)
  const [retain, setRetain] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => setTopic(given), [given])
  const publish = useMutation({ mutationFn: () => api.topics.publish({ topic, payload, qos, retain }) })
  const check = () => {
    const found = topic === '' ? 'empty' : /[+#]/.test(topic) ? 'wildcard' : null
    setProblem(found === null ? null : t(`publish.problem.${found}`))
    return found === null
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (check() && !publish.isPending) publish.mutate()
  }
  const looksJson = /^\s*[[{]/.test(payload)
  const isBroken = looksJson && prettyJson({ encoding: 'utf8', payload }) === null
  return (
    <section className={css.publish} aria-label={t('publish.title')}>
      <div className={css.detailHead}>
        <h2>{t('publish.title')}</h2>
        <ActionIcon variant="subtle" color="gray" aria-label={t('publish.close')} onClick={onClose}>
          <Icon name="close" />
        </ActionIcon>
      </div>
      <form className={css.publishForm} onSubmit={submit} noValidate>
        <TextInput
          label={t('publish.topic')}
          description={t('publish.topicHint')}
          value={topic}
          maxLength={512}
          autoComplete="off"
          spellCheck={false}
          error={problem}
          onChange={(event) => {
            setTopic(event.currentTarget.value)
            setProblem(null)
          }}
          onBlur={() => topic !== '' && check()}
          data-autofocus
        />
        <Textarea
          label={t('publish.payload')}
          description={isBroken ? t('publish.brokenJson') : t('publish.payloadHint')}
          value={payload}
          autosize
          minRows={3}
          maxRows={10}
          spellCheck={false}
          classNames={{ input: css.publishInput ?? '' }}
          onChange={(event) => setPayload(event.currentTarget.value)}
        />
        <Select
          label={t('publish.qos')}
          data={(['0', '1'] as const).map((value) => ({ value, label: t(`publish.qos${value}`) }))}
          value={String(qos)}
          allowDeselect={false}
          onChange={(value) => setQos(value === '0' ? 0 : 1)}
        />
        <Checkbox
          label={t('publish.retain')}
          checked={retain}
          onChange={(event) => setRetain(event.currentTarget.checked)}
        />
        {retain && (
          <Note tone="yellow" title={t(payload === '' ? 'publish.retainClears' : 'publish.retainKeeps')} />
        )}
        {publish.error !== null && <ErrorNote error={publish.error} />}
        {publish.data !== undefined && (
          <p className="sec small" role="status">
            {t('publish.done', { topic: publish.data.topic, size: format.bytes(publish.data.bytes) })}
          </p>
        )}
        <Button type="submit" variant="filled" loading={publish.isPending}>
          {t('publish.button')}
        </Button>
      </form>
    </section>
  )
}
