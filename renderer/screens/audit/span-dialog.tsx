import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { parseLocal, toLocal } from '#renderer/charts/local-time.ts'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'

interface Span {
  from: number | null
  to: number | null
}

/** Asks from when to when; one of both may be left open. */
export function SpanDialog(props: Span & { onChoose(span: Span): void; onClose(): void }) {
  const { t } = useTranslation(['audit', 'common'])
  useFocusBack()
  const [from, setFrom] = useState(props.from === null ? '' : toLocal(props.from))
  const [to, setTo] = useState(props.to === null ? '' : toLocal(props.to))
  const span = { from: read(from), to: read(to) }
  const isTurned = span.from !== null && span.to !== null && span.from >= span.to
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isTurned) return
    props.onChoose(span)
    props.onClose()
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={t('audit:filter.ownSpan')}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            type="datetime-local"
            label={t('audit:filter.from')}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
            data-autofocus
          />
          <TextInput
            type="datetime-local"
            label={t('audit:filter.to')}
            value={to}
            error={isTurned ? t('audit:filter.turned') : null}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
            <Button type="submit" variant="filled" disabled={isTurned}>
              {t('audit:filter.apply')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function read(text: string): number | null {
  const at = text === '' ? null : parseLocal(text)
  return at !== null && Number.isFinite(at) ? at : null
}
