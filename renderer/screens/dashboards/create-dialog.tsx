import { Button, Checkbox, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFleet } from '#renderer/api/fleet-store.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { useTenantScope } from '#renderer/app/tenant-scope.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import type { TileChannels } from './live/use-tile-channels.ts'
import { emptyDashboard, firstDashboard } from './model/first-dashboard.ts'
import { newTileId } from './model/tile-id.ts'
import { createDashboard } from './use-dashboards.ts'

/** A new dashboard: its name, what it begins with and who sees it. It opens ready to be arranged. */
export function CreateDialog(props: { known: TileChannels; gatewayId: string | null; onClose(): void }) {
  const { t } = useTranslation(['dashboards', 'common'])
  useFocusBack()
  const navigate = useNavigate()
  const mayShare = useMay('dashboards:write')
  const scope = useTenantScope()
  const fleet = useFleet()
  const gateways = useMemo(() => gatewaysOf(props.known), [props.known])
  const [gatewayId, setGatewayId] = useState(props.gatewayId)
  const chosen = gateways.find((gateway) => gateway.value === gatewayId)
  const [typed, setName] = useState<string | null>(null)
  const name = typed ?? (chosen === undefined ? '' : chosen.name)
  const [shared, setShared] = useState(false)
  const [left, setLeft] = useState(false)
  const create = useMutation({
    mutationFn: () => {
      const ofGateway = props.known.all.filter((channel) => channel.gatewayId === gatewayId)
      return createDashboard({
        name: name.trim(),
        shared,
        tenant: scope.several
          ? (fleet.byId.get(gatewayId ?? '')?.tenantId ?? scope.tenant?.id ?? undefined)
          : undefined,
        content: ofGateway.length === 0 ? emptyDashboard() : firstDashboard(ofGateway, newTileId),
      })
    },
    onSuccess: ({ id }) =>
      void navigate({
        to: '/dashboards/$dashboardId',
        params: { dashboardId: id },
        search: (before: Record<string, unknown>) => ({ tenant: before['tenant'], edit: true }),
      } as never),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setLeft(true)
    if (name.trim() !== '') create.mutate()
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={t('create.title')}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('create.name')}
            value={name}
            maxLength={100}
            error={left && name.trim() === '' ? t('create.nameless') : null}
            onChange={(event) => setName(event.currentTarget.value)}
            onBlur={() => setLeft(name !== '')}
            data-autofocus
          />
          <Select
            label={t('create.from')}
            value={gatewayId ?? ''}
            data={[
              { value: '', label: t('create.empty') },
              ...gateways.map(({ value, label }) => ({ value, label })),
            ]}
            searchable
            onChange={(value) => setGatewayId(value === null || value === '' ? null : value)}
          />
          {mayShare && (
            <Checkbox
              label={t(scope.several ? 'create.share' : 'create.shareAll')}
              checked={shared}
              onChange={(event) => setShared(event.currentTarget.checked)}
            />
          )}
          {create.error !== null && <ErrorNote error={create.error} />}
          <Group justify="flex-end">
            <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={create.isPending}>
              {t('create.button')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** Gateways that have channels. */
function gatewaysOf(known: TileChannels): { value: string; label: string; name: string }[] {
  const found = new Map<string, { value: string; label: string; name: string }>()
  for (const { gatewayId, gatewayCode, gatewayName } of known.all) {
    if (gatewayId === '' || found.has(gatewayId)) continue
    const name = gatewayName === '' ? gatewayCode : gatewayName
    found.set(gatewayId, { value: gatewayId, label: `${gatewayCode} ${gatewayName}`.trim(), name })
  }
  return [...found.values()]
}
