import { ActionIcon, Button, Select, VisuallyHidden } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Retention } from '#contract/api/retention.ts'
import { STANDARD_CLASS } from '#contract/model/retention.ts'
import { api } from '#renderer/api/client.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './retention.module.css'
import { RetentionClassDialog } from './retention-class-dialog.tsx'
import { RetentionDeleteDialog } from './retention-delete-dialog.tsx'
import { retentionChanged, retentionQuery } from './retention-queries.ts'
import settings from './settings.module.css'

type ClassRow = Retention['classes'][number]
type Open = { dialog: 'add' } | { dialog: 'edit' | 'delete'; of: ClassRow } | null

/** How long readings are kept: classes, and which the site and its tenants have. */
export function RetentionCard() {
  const { t } = useTranslation('settings')
  const retention = useQuery(retentionQuery)
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  return (
    <Card
      title={t('retention.title')}
      end={
        <Button
          size="xs"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => setOpen({ dialog: 'add' })}
        >
          {t('retention.add')}
        </Button>
      }
    >
      {retention.error !== null && (
        <div className={settings.form}>
          <ErrorNote error={retention.error} onRetry={() => void retention.refetch()} />
        </div>
      )}
      {retention.data !== undefined && (
        <>
          <ClassTable retention={retention.data} onOpen={setOpen} />
          <Choices retention={retention.data} />
        </>
      )}
      {open?.dialog === 'add' && <RetentionClassDialog edited={null} onClose={close} />}
      {open?.dialog === 'edit' && <RetentionClassDialog edited={open.of} onClose={close} />}
      {open?.dialog === 'delete' && <RetentionDeleteDialog of={open.of} onClose={close} />}
    </Card>
  )
}

function ClassTable({ retention, onOpen }: { retention: Retention; onOpen(open: Open): void }) {
  const { t } = useTranslation('settings')
  return (
    <div className={css.scroll}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('retention.name')}</th>
            <th scope="col" className={css.number}>
              {t('retention.kept')}
            </th>
            <th scope="col">{t('retention.usedBy')}</th>
            <th scope="col" className={css.narrowOff}>
              {t('retention.stored')}
            </th>
            <th scope="col" className={css.fit}>
              <VisuallyHidden>{t('retention.actions')}</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {retention.classes.map((one) => (
            <ClassLine
              key={one.id}
              one={one}
              isDefault={one.id === retention.defaultClass}
              onEdit={() => onOpen({ dialog: 'edit', of: one })}
              onDelete={() => onOpen({ dialog: 'delete', of: one })}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function ClassLine(props: { one: ClassRow; isDefault: boolean; onEdit(): void; onDelete(): void }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const { one, isDefault } = props
  const { several } = useTenants()
  const users = [
    isDefault ? t('retention.isDefault') : null,
    one.tenants > 0 && several ? t('retention.tenants', { count: one.tenants }) : null,
    one.channels > 0
      ? t('retention.channels', { count: one.channels, shown: format.integer(one.channels) })
      : null,
  ].filter((text) => text !== null)
  // What could not be deleted anyway is not offered.
  const isFree = !isDefault && one.id !== STANDARD_CLASS && one.tenants + one.channels + one.files === 0
  return (
    <tr>
      <td>
        {one.name}
        {one.evictable && <span className="sub"> · {t('retention.evictable')}</span>}
      </td>
      <td className={css.number}>
        {one.days === null
          ? t('retention.ever')
          : t('retention.days', { count: one.days, shown: format.integer(one.days) })}
      </td>
      <td>{users.length === 0 ? <span className="sub">–</span> : users.join(' · ')}</td>
      <td className={css.narrowOff}>
        {one.files === 0 ? (
          <span className="sub">–</span>
        ) : (
          t('retention.months', { count: one.files, size: format.bytes(one.bytes) })
        )}
      </td>
      <td className={css.fit}>
        <span className={css.buttons}>
          <ActionIcon
            variant="subtle"
            aria-label={t('retention.edit', { name: one.name })}
            onClick={props.onEdit}
          >
            <Icon name="edit" />
          </ActionIcon>
          {isFree && (
            <ActionIcon
              variant="subtle"
              aria-label={t('retention.delete', { name: one.name })}
              onClick={props.onDelete}
            >
              <Icon name="close" />
            </ActionIcon>
          )}
        </span>
      </td>
    </tr>
  )
}

/** Which class the site and each tenant have; a change counts at once. */
function Choices({ retention }: { retention: Retention }) {
  const { t } = useTranslation('settings')
  const setDefault = useMutation({
    mutationFn: (defaultClass: string) => api.retention.update({ defaultClass }),
    onSettled: retentionChanged,
  })
  const setTenant = useMutation({
    mutationFn: (choice: { tenantId: string; retentionClass: string | null }) =>
      api.retention.setTenant(choice),
    onSettled: retentionChanged,
  })
  const classes = retention.classes.map(({ id, name }) => ({ value: id, label: name }))
  const ofSite = retention.classes.find(({ id }) => id === retention.defaultClass)?.name ?? ''
  const error = setDefault.error ?? setTenant.error
  // The only one is as the site, unless somebody gave it a class when there were several.
  const tenants = retention.tenants.filter(
    ({ retentionClass }) => retention.tenants.length > 1 || retentionClass !== null,
  )
  return (
    <div className={settings.form}>
      <p className="small sub">{t(tenants.length > 1 ? 'retention.textSeveral' : 'retention.text')}</p>
      <Select
        label={t('retention.default')}
        description={t('retention.defaultHint')}
        data={classes}
        value={retention.defaultClass}
        allowDeselect={false}
        onChange={(value) => value !== null && value !== retention.defaultClass && setDefault.mutate(value)}
      />
      {tenants.map((tenant) => (
        <Select
          key={tenant.id}
          label={t('retention.tenantOf', { tenant: tenant.name })}
          data={[{ value: '', label: t('retention.asSite', { name: ofSite }) }, ...classes]}
          value={tenant.retentionClass ?? ''}
          allowDeselect={false}
          onChange={(value) =>
            setTenant.mutate({ tenantId: tenant.id, retentionClass: value === '' ? null : value })
          }
        />
      ))}
      {error !== null && <ErrorNote error={error} />}
    </div>
  )
}
