import { ActionIcon, Button, Group, Modal, Stack, VisuallyHidden } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SignOnProvider } from '#contract/api/sign-on.ts'
import { api } from '#renderer/api/client.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import table from './retention.module.css'
import css from './settings.module.css'
import { SignOnDialog } from './sign-on-dialog.tsx'
import { signOnChanged, signOnQuery } from './sign-on-queries.ts'

type Open = { dialog: 'add' } | { dialog: 'edit' | 'delete'; of: SignOnProvider } | null

/** Where else people of this site can sign in: providers of OpenID Connect. */
export function SignOnCard() {
  const { t } = useTranslation('sign-on')
  const { data, error, refetch } = useQuery(signOnQuery)
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <Card
      title={t('title')}
      end={
        <Button
          size="xs"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => setOpen({ dialog: 'add' })}
        >
          {t('add')}
        </Button>
      }
    >
      {error !== null && (
        <div className={css.form}>
          <ErrorNote error={error} onRetry={() => void refetch()} />
        </div>
      )}
      {data !== undefined && data.providers.length > 0 && (
        <Providers providers={data.providers} onOpen={setOpen} />
      )}
      <p className={`${css.form} small sub`}>{t('text')}</p>
      {open?.dialog === 'add' && <SignOnDialog edited={null} onClose={close} />}
      {open?.dialog === 'edit' && <SignOnDialog edited={open.of} onClose={close} />}
      {open?.dialog === 'delete' && <DeleteDialog of={open.of} onClose={close} />}
    </Card>
  )
}

function Providers({ providers, onOpen }: { providers: SignOnProvider[]; onOpen(open: Open): void }) {
  const { t } = useTranslation('sign-on')
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('name')}</th>
            <th scope="col" className={table.narrowOff}>
              {t('issuer')}
            </th>
            <th scope="col">{t('state')}</th>
            <th scope="col" className={table.fit}>
              <VisuallyHidden>{t('actions')}</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {providers.map((provider) => (
            <tr key={provider.id}>
              <td>{provider.name}</td>
              <td className={table.narrowOff}>
                <span className={css.wrap}>{provider.issuer}</span>
              </td>
              <td>{provider.enabled ? t('on') : <span className="sub">{t('off')}</span>}</td>
              <td className={table.fit}>
                <span className={table.buttons}>
                  <ActionIcon
                    variant="subtle"
                    aria-label={t('edit', { name: provider.name })}
                    onClick={() => onOpen({ dialog: 'edit', of: provider })}
                  >
                    <Icon name="edit" />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    aria-label={t('delete', { name: provider.name })}
                    onClick={() => onOpen({ dialog: 'delete', of: provider })}
                  >
                    <Icon name="trash" />
                  </ActionIcon>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function DeleteDialog({ of, onClose }: { of: SignOnProvider; onClose(): void }) {
  const { t } = useTranslation(['sign-on', 'common'])
  useFocusBack()
  const remove = useMutation({
    mutationFn: () => api.signOn.delete({ providerId: of.id }),
    onSuccess: onClose,
    onSettled: signOnChanged,
  })
  const title = t('delete', { name: of.name })
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        <p>{t('deleteText')}</p>
        {remove.error !== null && <ErrorNote error={remove.error} />}
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button variant="filled" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            {title}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
