import { Button, Checkbox, Group, Modal, Radio, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RetentionClass } from '#contract/model/retention.ts'
import { api } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { type ClassForm, classFormOf, classOf, classProblems, lossesOf } from './retention-class-form.ts'
import { retentionChanged, storageQuery } from './retention-queries.ts'

/** Adds or changes a class. Fewer days delete months: it says which, and asks to type the name. */
export function RetentionClassDialog({
  edited,
  onClose,
}: {
  edited: RetentionClass | null
  onClose(): void
}) {
  const { t } = useTranslation(['settings', 'common'])
  const format = useFormat()
  useFocusBack()
  const [form, setForm] = useState(() => classFormOf(edited))
  const [left, setLeft] = useState({ name: false, days: false, typed: false })
  const [typed, setTyped] = useState('')
  const storage = useQuery({ ...storageQuery, enabled: edited !== null })
  const problems = classProblems(form)
  const isValid = Object.keys(problems).length === 0
  const losses =
    edited === null || !isValid
      ? null
      : lossesOf(
          storage.data?.files ?? [],
          { id: edited.id, before: edited.days, after: classOf(form).days },
          siteNow(),
        )
  const isConfirmed = losses === null || typed.trim() === edited?.name
  const save = useMutation({
    mutationFn: () =>
      edited === null
        ? api.retention.createClass(classOf(form))
        : api.retention.updateClass({ id: edited.id, ...classOf(form) }),
    onSuccess: onClose,
    onSettled: retentionChanged,
  })
  const change = (next: Partial<ClassForm>) => setForm((was) => ({ ...was, ...next }))
  const errorOf = (field: 'name' | 'days') =>
    left[field] && problems[field] !== undefined ? t(`retention.dialog.problem.${problems[field]}`) : null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft({ name: true, days: true, typed: true })
    if (isValid && isConfirmed) save.mutate()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={edited === null ? t('retention.dialog.add') : t('retention.dialog.edit', { name: edited.name })}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('retention.dialog.name')}
            value={form.name}
            error={errorOf('name')}
            data-autofocus
            onChange={(event) => change({ name: event.currentTarget.value })}
            onBlur={() => setLeft((was) => ({ ...was, name: true }))}
          />
          <Radio.Group
            label={t('retention.dialog.how')}
            value={form.ever ? 'ever' : 'some'}
            onChange={(value) => change({ ever: value === 'ever' })}
          >
            <Stack gap="xs" mt={4}>
              <Radio value="some" label={t('retention.dialog.some')} />
              <Radio value="ever" label={t('retention.dialog.ever')} />
            </Stack>
          </Radio.Group>
          {!form.ever && (
            <TextInput
              label={t('retention.dialog.days')}
              description={t('retention.dialog.daysHint')}
              inputMode="numeric"
              value={form.days}
              error={errorOf('days')}
              onChange={(event) => change({ days: event.currentTarget.value })}
              onBlur={() => setLeft((was) => ({ ...was, days: true }))}
            />
          )}
          <Checkbox
            label={t('retention.dialog.evictable')}
            checked={form.evictable}
            onChange={(event) => change({ evictable: event.currentTarget.checked })}
          />
          {losses !== null && edited !== null && (
            <>
              <Note
                tone="orange"
                title={t('retention.dialog.lose', {
                  count: losses.months.length,
                  months: t('retention.dialog.range', {
                    first: losses.months[0] ?? '',
                    last: losses.months.at(-1) ?? '',
                  }),
                  readings: format.integer(losses.readings),
                  size: format.bytes(losses.bytes),
                })}
              />
              <TextInput
                label={t('retention.dialog.type', { name: edited.name })}
                value={typed}
                autoComplete="off"
                spellCheck={false}
                error={
                  left.typed && !isConfirmed
                    ? t('retention.dialog.typeExpected', { name: edited.name })
                    : null
                }
                onChange={(event) => setTyped(event.currentTarget.value)}
                onBlur={() => setLeft((was) => ({ ...was, typed: typed !== '' }))}
              />
            </>
          )}
          {save.error !== null && <ErrorNote error={save.error} />}
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('common:action.cancel')}</Button>
            <Button
              type="submit"
              variant="filled"
              color={losses === null ? 'accent' : 'red'}
              loading={save.isPending}
              disabled={!isConfirmed}
            >
              {t('common:action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
