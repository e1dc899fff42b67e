import { Button, Checkbox, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ViewSummary } from '#contract/api/views.ts'
import type { Trend } from '#contract/model/trend.ts'
import { useMay, useMe, useSite } from '#renderer/api/use-session.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { useLikelyTenant } from './use-likely-tenant.ts'
import type { TrendChannel } from './use-trend-channels.ts'
import { type TrendView, useViewActions } from './use-views.ts'

function Dialog({ title, onClose, children }: { title: string; onClose(): void; children: ReactNode }) {
  const { t } = useTranslation('common')
  useFocusBack()
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {children}
    </Modal>
  )
}

const none: readonly TrendChannel[] = []

/** The name of a view: of a new one with `content`, or another one of `view`. */
export function NameView(props: {
  title: string
  name: string
  content?: Trend
  /** Those of the content. */
  channels?: readonly TrendChannel[]
  view?: TrendView
  onClose(): void
  onDone?(view: TrendView): void
}) {
  const { t } = useTranslation(['trends', 'common'])
  const { create, update } = useViewActions()
  const [name, setName] = useState(props.name)
  const [shared, setShared] = useState(false)
  const likely = useLikelyTenant(props.channels ?? none)
  const [tenant, setTenant] = useState<string | null>(likely)
  const [isTried, setTried] = useState(false)
  const mayShare = useMay('dashboards:write')
  const isOfSite = useMe()?.tenantId === null
  const tenants = useSite()?.tenants ?? []
  const error = create.error ?? update.error
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (name.trim() === '') return
    try {
      if (props.view !== undefined) {
        const { id: viewId, version } = props.view
        await update.mutateAsync({ viewId, version, name: name.trim() })
      } else if (props.content !== undefined) {
        const made = await create.mutateAsync({
          name: name.trim(),
          shared,
          content: props.content,
          ...(tenant !== null && { tenant }),
        })
        if (made.kind === 'trend') props.onDone?.(made)
      }
      props.onClose()
    } catch {
      // Shown below from the state of the call.
    }
  }
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="md">
          <TextInput
            label={t('view.name')}
            value={name}
            maxLength={100}
            error={isTried && name.trim() === '' ? t('view.nameMissing') : null}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          {props.view === undefined && mayShare && (
            <Checkbox
              label={tenants.length > 1 ? t('view.shareLabel') : t('view.shareLabelAll')}
              description={tenants.length > 1 ? t('view.shareHint') : t('view.shareHintAll')}
              checked={shared}
              onChange={(event) => setShared(event.currentTarget.checked)}
            />
          )}
          {props.view === undefined && shared && isOfSite && tenants.length > 1 && (
            <Select
              label={t('view.tenant')}
              value={tenant ?? ''}
              allowDeselect={false}
              data={[
                { value: '', label: t('view.tenantSite') },
                ...tenants.map(({ slug, name: label }) => ({ value: slug, label })),
              ]}
              onChange={(value) => setTenant(value === '' ? null : value)}
            />
          )}
          {error !== null && <ErrorNote error={error} />}
          <Group justify="flex-end">
            <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={create.isPending || update.isPending}>
              {t('common:action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

export function DeleteView({ view, onClose, onDone }: { view: TrendView; onClose(): void; onDone(): void }) {
  const { t } = useTranslation(['trends', 'common'])
  const { remove } = useViewActions()
  return (
    <Dialog title={t('view.deleteTitle', { name: view.name })} onClose={onClose}>
      <Stack gap="md">
        <p>{view.shared ? t('view.deleteShared') : t('view.deleteText')}</p>
        {remove.error !== null && <ErrorNote error={remove.error} />}
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            {t('common:action.cancel')}
          </Button>
          <Button
            color="red"
            variant="filled"
            loading={remove.isPending}
            onClick={() =>
              remove.mutate(view.id, {
                onSuccess() {
                  onClose()
                  onDone()
                },
              })
            }
          >
            {t('view.deleteDo')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

/** Somebody saved the view meanwhile: nothing of either is lost. */
export function ViewConflict(props: { view: ViewSummary; onLoad(): void; onCopy(): void; onClose(): void }) {
  const { t } = useTranslation(['trends', 'common'])
  const format = useFormat()
  const { view } = props
  return (
    <Dialog title={t('view.conflictTitle', { name: view.name })} onClose={props.onClose}>
      <Stack gap="md">
        <p>{t('view.conflictText', { by: view.updatedBy ?? '?', at: format.dateTime(view.updatedAt) })}</p>
        <Group justify="flex-end">
          <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
          <Button
            onClick={() => {
              props.onClose()
              props.onLoad()
            }}
          >
            {t('view.load')}
          </Button>
          <Button variant="filled" onClick={props.onCopy} data-autofocus>
            {t('view.saveCopy')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
