import { Button, Group, Modal, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { ApiKey } from '#contract/api/api-keys.ts'
import { Secret } from '#renderer/ui/secret.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { CurlExample } from './curl-example.tsx'

/** The key, once: to copy, with how it is used. */
export function SecretDialog({
  apiKey,
  secret,
  onClose,
}: {
  apiKey: ApiKey
  secret: string
  onClose(): void
}) {
  const { t } = useTranslation(['api-keys', 'common'])
  useFocusBack()
  return (
    <Modal
      opened
      onClose={onClose}
      // A click beside it must not lose what is shown once.
      closeOnClickOutside={false}
      title={t('made.title', { name: apiKey.name })}
      size={640}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        <p>{t('made.text')}</p>
        <Secret value={secret} fileName={`${apiKey.prefix}.txt`} label={t('made.label')} />
        <CurlExample secret={secret} />
        <Group justify="flex-end">
          <Button variant="filled" onClick={onClose} data-autofocus>
            {t('made.done')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
