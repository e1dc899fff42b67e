import { Button, Group, Modal, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CodeField } from '#renderer/ui/code-field.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { PasswordField } from '#renderer/ui/password-field.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'

/** Asks for password and code before something about the second factor changes. */
export function FactorProofDialog(props: {
  title: string
  text: string
  button: string
  isDangerous?: boolean
  run(proof: { password: string; code: string }): Promise<unknown>
  onClose(): void
}) {
  const { t } = useTranslation(['account', 'common'])
  useFocusBack()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const run = useMutation({
    mutationFn: () => props.run({ password, code }),
    onError: () => setCode(''),
  })
  const isReady = password !== '' && code.trim().length >= 6
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isReady) run.mutate()
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={props.title}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <p>{props.text}</p>
          <PasswordField label={t('factor.password')} value={password} onChange={setPassword} autoFocus />
          <CodeField value={code} onChange={setCode} />
          {run.error !== null && <ErrorNote error={run.error} />}
          <Group justify="flex-end">
            <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
            <Button
              type="submit"
              variant="filled"
              {...(props.isDangerous === true && { color: 'red' })}
              disabled={!isReady}
              loading={run.isPending}
            >
              {props.button}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
