import { Button, Group, Modal, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Entry, User } from '#contract/api/users.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Secret } from '#renderer/ui/secret.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { reachableLink } from './reachable-link.ts'

/** The link or the one-time password, once: to copy, with what the person does with it. */
export function EntryDialog({ user, entry, onClose }: { user: User; entry: Entry; onClose(): void }) {
  const { t } = useTranslation(['users', 'common'])
  const format = useFormat()
  useFocusBack()
  const isLink = entry.link !== null
  const value = entry.link === null ? (entry.oneTimePassword ?? '') : reachableLink(entry.link, location)
  return (
    <Modal
      opened
      onClose={onClose}
      // A click beside it must not lose what is shown once.
      closeOnClickOutside={false}
      title={
        isLink ? t('entry.linkTitle', { name: user.name }) : t('entry.passwordTitle', { name: user.name })
      }
      size={520}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        <p>{isLink ? t('entry.linkText') : t('entry.passwordText', { email: user.email })}</p>
        <Secret
          value={value}
          fileName={`${user.email}.txt`}
          label={isLink ? t('entry.link') : t('entry.password')}
        />
        <p className="sec">{t('entry.until', { at: format.dateTime(entry.expiresAt) })}</p>
        <p className="sec">{isLink ? t('entry.accountLink') : t('entry.accountPassword')}</p>
        <Group justify="flex-end">
          <Button variant="filled" onClick={onClose} data-autofocus>
            {t('entry.done')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
