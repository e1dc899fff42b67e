import { ActionIcon, Button, Menu } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Gateway } from '#contract/model/gateway.ts'
import { may } from '#renderer/api/session.ts'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import {
  actionFits,
  type GatewayAction,
  GatewayActionDialog,
} from '#renderer/ui/gateway-actions/gateway-action-dialog.tsx'
import { PlaceDialog } from '#renderer/ui/gateway-actions/place-dialog.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { LabelsDialog } from '#renderer/ui/labels/labels-dialog.tsx'
import { OwnerDialog } from './owner-dialog.tsx'
import { RenameDialog } from './rename-dialog.tsx'
import { gatewayChanged } from './use-gateway.ts'

/** What can be done to this gateway now, by this person. */
export function GatewayActions({ gateway }: { gateway: Gateway }) {
  const { t } = useTranslation('gateway')
  const mayWrite = useMay('gateways:write')
  const mayRevoke = useMay('certificates:write')
  const [action, setAction] = useState<GatewayAction | null>(null)
  const [open, setOpen] = useState<'rename' | 'place' | 'owner' | 'label' | null>(null)
  const hasGroups = useGroups().list?.some(({ tenantId }) => tenantId === gateway.tenant.id) ?? false
  const me = useMe()
  const mayOwner = mayWrite && may(me, 'users:read') && (me?.reach === 'site' || me?.reach === 'tenant')
  const close = () => setOpen(null)
  const toggle: GatewayAction = gateway.state === 'suspended' ? 'resume' : 'suspend'
  const grave = (['unclaim', 'revoke'] as const).filter((one) => mayRevoke && actionFits(one, gateway.state))
  return (
    <>
      {mayWrite && actionFits(toggle, gateway.state) && (
        <Button onClick={() => setAction(toggle)}>{t(`actions.${toggle}`)}</Button>
      )}
      {mayWrite && gateway.state === 'revoked' && (
        <Button component={Link} to={`/fleet/add?again=${gateway.id}`} variant="filled">
          {t('actions.again')}
        </Button>
      )}
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={t('actions.more')}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayWrite && (
            <Menu.Item leftSection={<Icon name="edit" />} onClick={() => setOpen('rename')}>
              {t('actions.rename')}
            </Menu.Item>
          )}
          {mayWrite && hasGroups && (
            <Menu.Item leftSection={<Icon name="folder" />} onClick={() => setOpen('place')}>
              {t('actions.place')}
            </Menu.Item>
          )}
          {mayOwner && (
            <Menu.Item leftSection={<Icon name="people" />} onClick={() => setOpen('owner')}>
              {t('actions.owner')}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<Icon name="doctor" />}
            renderRoot={(root) => <Link to="/doctor" search={{ subject: gateway.code }} {...root} />}
          >
            {t('actions.doctor')}
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="label" />} onClick={() => setOpen('label')}>
            {t('actions.label')}
          </Menu.Item>
          {grave.map((one) => (
            <Menu.Item
              key={one}
              leftSection={<Icon name="close" />}
              color="var(--red-text)"
              onClick={() => setAction(one)}
            >
              {t(`actions.${one}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {action !== null && (
        <GatewayActionDialog
          action={action}
          gateways={[gateway]}
          onClose={() => {
            setAction(null)
            gatewayChanged(gateway.id)
          }}
        />
      )}
      {open === 'rename' && <RenameDialog gateway={gateway} onClose={close} />}
      {open === 'label' && <LabelsDialog gateways={[gateway]} onClose={close} />}
      {open === 'owner' && <OwnerDialog gateway={gateway} onClose={close} />}
      {open === 'place' && (
        <PlaceDialog
          gateways={[{ ...gateway, tenantId: gateway.tenant.id, groupId: gateway.group?.id ?? null }]}
          onClose={() => {
            close()
            gatewayChanged(gateway.id)
          }}
        />
      )}
    </>
  )
}
