import { Switch, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TenantDetails } from '#contract/api/tenants.ts'
import { assertNever } from '#contract/errors.ts'
import { api } from '#renderer/api/client.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { DeleteDialog, ExportDialog, KeepDialog } from './deletion-dialogs.tsx'
import { DialogForm } from './dialog-form.tsx'
import { QuotasDialog } from './quotas-dialog.tsx'
import { slugProblem } from './slug-problem.ts'
import { tenantsChanged } from './use-tenants.ts'

export type TenantAction = 'edit' | 'quotas' | 'suspend' | 'resume' | 'export' | 'delete' | 'keep'

export function TenantDialog(props: { action: TenantAction; tenant: TenantDetails; onClose(): void }) {
  switch (props.action) {
    case 'edit':
      return <EditDialog {...props} />
    case 'quotas':
      return <QuotasDialog {...props} />
    case 'suspend':
      return <SuspendDialog {...props} />
    case 'resume':
      return <ResumeDialog {...props} />
    case 'export':
      return <ExportDialog {...props} />
    case 'delete':
      return <DeleteDialog {...props} />
    case 'keep':
      return <KeepDialog {...props} />
    default:
      return assertNever(props.action)
  }
}

interface DialogProps {
  tenant: TenantDetails
  onClose(): void
}

function EditDialog({ tenant, onClose }: DialogProps) {
  const { t } = useTranslation(['tenants', 'common'])
  const ofSite = useMe()?.ofSite === true
  const [name, setName] = useState(tenant.name)
  const [slug, setSlug] = useState(tenant.slug)
  const [passwordGateways, setPasswordGateways] = useState(tenant.passwordGateways.allowed)
  const [left, setLeft] = useState(false)
  const nameless = name.trim() === ''
  const problem = slug.trim() === '' ? 'slugInvalid' : slugProblem(slug)
  const save = useMutation({
    mutationFn: () =>
      api.tenants.update({
        tenant: tenant.id,
        name: name.trim(),
        passwordGateways,
        ...(ofSite ? { slug: slug.trim() } : {}),
      }),
    async onSuccess() {
      await tenantsChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('edit.title', { name: tenant.name })}
      button={t('common:action.save')}
      pending={save.isPending}
      error={save.error}
      onSubmit={() => {
        setLeft(true)
        if (!nameless && problem === null) save.mutate()
      }}
      onClose={onClose}
    >
      <TextInput
        label={t('field.name')}
        value={name}
        maxLength={100}
        error={left && nameless ? t('field.nameEmpty') : null}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={() => setLeft(true)}
        data-autofocus
      />
      {ofSite && (
        <TextInput
          label={t('field.slug')}
          description={t('edit.slugHint')}
          value={slug}
          maxLength={63}
          error={left && problem !== null ? t(`field.${problem}`) : null}
          onChange={(event) => setSlug(event.currentTarget.value)}
          onBlur={() => setLeft(true)}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      <Switch
        label={t('passwordGateways.allow')}
        description={t('passwordGateways.hint')}
        checked={passwordGateways}
        onChange={(event) => setPasswordGateways(event.currentTarget.checked)}
      />
    </DialogForm>
  )
}

/** Everyone of the tenant is cut off: its name is to be typed. */
function SuspendDialog({ tenant, onClose }: DialogProps) {
  const { t } = useTranslation('tenants')
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const [left, setLeft] = useState(false)
  const confirmed = typed.trim() === tenant.name
  const suspend = useMutation({
    mutationFn: () => {
      const note = reason.trim()
      return api.tenants.suspend({ tenant: tenant.id, ...(note === '' ? {} : { reason: note }) })
    },
    async onSuccess() {
      await tenantsChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('suspend.title', { name: tenant.name })}
      button={t('suspend.button')}
      danger
      disabled={!confirmed}
      pending={suspend.isPending}
      error={suspend.error}
      onSubmit={() => suspend.mutate()}
      onClose={onClose}
    >
      <p>{t('suspend.lose', { gateways: tenant.usage.gateways, people: tenant.usage.people })}</p>
      <p className="sec">{t('suspend.keep')}</p>
      <TextInput
        label={t('suspend.reason')}
        description={t('suspend.reasonHint')}
        value={reason}
        maxLength={200}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <TextInput
        label={t('suspend.type', { name: tenant.name })}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => setLeft(typed !== '')}
        error={left && !confirmed ? t('suspend.typeExpected', { name: tenant.name }) : null}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
    </DialogForm>
  )
}

function ResumeDialog({ tenant, onClose }: DialogProps) {
  const { t } = useTranslation('tenants')
  const resume = useMutation({
    mutationFn: () => api.tenants.resume({ tenant: tenant.id }),
    async onSuccess() {
      await tenantsChanged()
      onClose()
    },
  })
  return (
    <DialogForm
      title={t('resume.title', { name: tenant.name })}
      button={t('resume.button')}
      pending={resume.isPending}
      error={resume.error}
      onSubmit={() => resume.mutate()}
      onClose={onClose}
    >
      <p>{t('resume.text')}</p>
    </DialogForm>
  )
}
