import { Button, Select, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudDeadLetter } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from '../cloud.module.css'
import own from './refused.module.css'
import { deadLettersChanged } from './use-dead-letters.ts'
import { draftOf, readDraft, valueKinds } from './value-form.ts'

/** The value as it should have been. It is kept here as a correction too. */
export function EditForm({ letter, onDone }: { letter: CloudDeadLetter; onDone(): void }) {
  const { t } = useTranslation('cloud')
  const [draft, setDraft] = useState(() => draftOf(letter.value))
  const [tried, setTried] = useState(false)
  const value = readDraft(draft.kind, draft.text)
  const save = useMutation({
    mutationFn: (corrected: number | boolean | string) =>
      api.cloud.editDeadLetter({ deadLetterId: letter.id, value: corrected }),
    onSuccess: onDone,
    onSettled: deadLettersChanged,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (value !== null) save.mutate(value)
  }
  const wasCleaned = typeof letter.value === 'string' && draft.text !== letter.value
  const field = {
    label: t('refused.newValue'),
    value: draft.text,
    error: tried && value === null ? t(`refused.problem.${draft.kind}`) : null,
  }
  return (
    <form className={own.section} onSubmit={submit} noValidate aria-label={t('refused.edit')}>
      <h3>{t('refused.edit')}</h3>
      <div className={css.fields}>
        <p className="sub small">{t(wasCleaned ? 'refused.cleaned' : 'refused.editHint')}</p>
        {letter.value === null && (
          <Select
            label={t('refused.kind')}
            data={valueKinds.map((kind) => ({ value: kind, label: t(`refused.kinds.${kind}`) }))}
            value={draft.kind}
            onChange={(kind) => kind !== null && setDraft({ kind, text: kind === 'boolean' ? 'false' : '' })}
          />
        )}
        {draft.kind === 'number' && (
          <TextInput
            {...field}
            inputMode="decimal"
            maxLength={40}
            onChange={(event) => setDraft({ ...draft, text: event.currentTarget.value })}
          />
        )}
        {draft.kind === 'text' && (
          <Textarea
            {...field}
            autosize
            minRows={2}
            maxRows={8}
            maxLength={65_536}
            spellCheck={false}
            onChange={(event) => setDraft({ ...draft, text: event.currentTarget.value })}
          />
        )}
        {draft.kind === 'boolean' && (
          <Select
            label={t('refused.newValue')}
            data={['true', 'false']}
            value={draft.text}
            onChange={(text) => setDraft({ ...draft, text: text ?? 'false' })}
          />
        )}
        {save.error !== null && <ErrorNote error={save.error} />}
        <div className={css.row}>
          <Button type="submit" variant="filled" size="xs" loading={save.isPending}>
            {t('refused.editAndSend')}
          </Button>
        </div>
      </div>
    </form>
  )
}
