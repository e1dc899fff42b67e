import { Button, Group, Modal, Select, Stack } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { gatewayChanged } from './use-gateway.ts'

const NOBODY = ''

/** Whose the gateway is: that person sees it, whatever else they may see. */
export function OwnerDialog({ gateway, onClose }: { gateway: Gateway; onClose(): void }) {
  const { t } = useTranslation(['gateway', 'common'])
  useFocusBack()
  const [owner, setOwner] = useState(gateway.owner?.id ?? NOBODY)
  const people = useQuery({
    queryKey: ['users', 'of', gateway.tenant.id],
    queryFn: ({ signal }) => api.users.list({ tenant: gateway.tenant.id, limit: 500 }, { signal }),
  })
  const save = useMutation({
    mutationFn: () => api.gateways.place({ gateway: gateway.id, owner: owner === NOBODY ? null : owner }),
    onSuccess() {
      gatewayChanged(gateway.id)
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const members = (people.data?.users ?? []).filter(
    ({ state, memberships }) =>
      state === 'active' && memberships.some(({ tenantId }) => tenantId === gateway.tenant.id),
  )
  const choices = members.map(({ id, name, email }) => ({ value: id, label: `${name} (${email})` }))
  // The owner of now may have left the tenant since.
  const now = gateway.owner
  const isListed = now === null || choices.some(({ value }) => value === now.id)
  return (
    <Modal
      opened
      onClose={onClose}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={t('owner.title', { code: gateway.code })}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <Select
            label={t('owner.label')}
            description={t('owner.hint')}
            data={[
              { value: NOBODY, label: t('owner.none') },
              ...(isListed ? [] : [{ value: now.id, label: now.name }]),
              ...choices,
            ]}
            value={owner}
            onChange={(value) => setOwner(value ?? NOBODY)}
            allowDeselect={false}
            searchable
            disabled={people.isPending}
            data-autofocus
          />
          {people.error !== null && <ErrorNote error={people.error} onRetry={() => void people.refetch()} />}
          {save.error !== null && <ErrorNote error={save.error} />}
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('common:action.cancel')}</Button>
            <Button
              type="submit"
              variant="filled"
              loading={save.isPending}
              disabled={owner === (now?.id ?? NOBODY)}
            >
              {t('common:action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
