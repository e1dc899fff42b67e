import { Button, Group, Modal, NumberInput, Radio, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LEAST_AUDIT_DAYS } from '#contract/api/audit.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'

/** Asks how long entries are kept. */
export function KeepDialog({ days, onClose }: { days: number | null; onClose(): void }) {
  const { t } = useTranslation(['audit', 'common'])
  useFocusBack()
  const [isEver, setEver] = useState(days === null)
  const [value, setValue] = useState<number | string>(days ?? 365)
  const isShort = !isEver && !(Number(value) >= LEAST_AUDIT_DAYS && Number(value) <= 36_500)
  const save = useMutation({
    mutationFn: () => api.audit.updateSettings({ retentionDays: isEver ? null : Number(value) }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ['audit'] })
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isShort) save.mutate()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={t('audit:keep.title')}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <Radio.Group value={isEver ? 'ever' : 'days'} onChange={(choice) => setEver(choice === 'ever')}>
            <Stack gap="xs">
              <Radio value="ever" label={t('audit:keep.chooseEver')} data-autofocus />
              <Radio value="days" label={t('audit:keep.chooseDays')} />
            </Stack>
          </Radio.Group>
          {!isEver && (
            <NumberInput
              label={t('audit:keep.number')}
              description={t('audit:keep.least', { days: LEAST_AUDIT_DAYS })}
              value={value}
              min={LEAST_AUDIT_DAYS}
              max={36_500}
              allowDecimal={false}
              error={isShort ? t('audit:keep.least', { days: LEAST_AUDIT_DAYS }) : null}
              onChange={setValue}
            />
          )}
          {!isEver && (
            <Note tone="yellow" title={t('audit:keep.warning')}>
              {t('audit:keep.warningHint')}
            </Note>
          )}
          {save.error !== null && <ErrorNote error={save.error} />}
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('common:action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={save.isPending} disabled={isShort}>
              {t('common:action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
