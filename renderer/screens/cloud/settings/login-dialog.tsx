import { Button, Group, Modal, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudAddress } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { LoginFields } from '../login-fields.tsx'
import { loginInput, loginOf, loginProblems } from '../login-form.ts'

/** New address or credentials of the same cloud: tried before they are taken. */
export function LoginDialog({ address, onClose }: { address: CloudAddress; onClose(): void }) {
  const { t } = useTranslation(['cloud', 'common'])
  useFocusBack()
  const [form, setForm] = useState(() => loginOf(address))
  const [tried, setTried] = useState(false)
  const save = useMutation({ mutationFn: () => api.cloud.setLogin(loginInput(form)), onSuccess: onClose })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.keys(loginProblems(form)).length === 0 && !save.isPending) save.mutate()
  }
  return (
    <Modal
      opened
      size={600}
      onClose={onClose}
      title={t('login.changeTitle')}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          <p className="sec">{t('login.changeText')}</p>
          <LoginFields
            form={form}
            change={(part) => {
              setForm((before) => ({ ...before, ...part }))
              save.reset()
            }}
            tried={tried}
            error={save.error}
          />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('common:action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={save.isPending}>
              {t('login.tryAndSave')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
