import { Button, Group, Modal, Stack } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'

/** A dialog that asks for something and does it: cancel and one button, and why it did not work above them. */
export function DialogForm(props: {
  title: string
  button: string
  danger?: boolean
  disabled?: boolean
  pending: boolean
  error: unknown
  size?: number
  onSubmit(): void
  onClose(): void
  children: ReactNode
}) {
  const { t } = useTranslation('common')
  useFocusBack()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (props.disabled !== true && !props.pending) props.onSubmit()
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      size={props.size ?? 440}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {props.children}
          {props.error !== null && <ErrorNote error={props.error} />}
          <Group justify="flex-end">
            <Button onClick={props.onClose}>{t('action.cancel')}</Button>
            <Button
              type="submit"
              variant="filled"
              color={props.danger === true ? 'red' : 'accent'}
              loading={props.pending}
              disabled={props.disabled === true}
            >
              {props.button}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
