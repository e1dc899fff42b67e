import { Button, Modal, Select } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import css from '../bench.module.css'

/** A question about one board, and the button that begins. */
export function ActionForm(props: {
  title: string
  button: string
  isGrave?: boolean
  isBusy: boolean
  error: unknown
  onSubmit(): void
  onClose(): void
  children: ReactNode
}) {
  const { t } = useTranslation('common')
  useFocusBack()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!props.isBusy) props.onSubmit()
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      size={480}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form className={css.dialog} noValidate onSubmit={submit}>
        {props.children}
        {props.error !== null && <ErrorNote error={props.error} />}
        <div className={css.dialogFoot}>
          <Button onClick={props.onClose}>{t('action.cancel')}</Button>
          <Button
            type="submit"
            variant="filled"
            color={props.isGrave === true ? 'red' : 'accent'}
            loading={props.isBusy}
          >
            {props.button}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

/** Whose board it is, where a person acts in several tenants. */
export function TenantField(props: { value: string | null; onChange(tenant: string | null): void }) {
  const { t } = useTranslation('bench')
  const { several, tenants } = useTenants()
  if (!several) return null
  return (
    <Select
      label={t('setup.tenant')}
      data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
      value={props.value}
      onChange={props.onChange}
    />
  )
}
