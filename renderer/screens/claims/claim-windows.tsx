import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClaimWindow } from '#contract/api/claims.ts'
import { api } from '#renderer/api/client.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './claims.module.css'
import { countdown } from './knock.ts'
import { claimsChanged, useClaimWindows, useWindowEnds } from './use-claims.ts'
import { WindowDialog } from './window-dialog.tsx'

/** For whom boxes may be claimed now, and how much longer; opens and closes that. */
export function ClaimWindows() {
  const { t } = useTranslation('claims')
  const me = useMe()
  const { several } = useTenants()
  const { data, error } = useClaimWindows()
  const [dialog, setDialog] = useState<{ window: ClaimWindow | null } | null>(null)
  useWindowEnds(data?.windows)
  if (error !== null) return <ErrorNote error={error} onRetry={claimsChanged} />
  if (data === undefined) return null
  const { windows, mayOpen } = data
  return (
    <section className={css.windows} aria-label={t('window.label')}>
      {windows.map((window) => (
        <WindowLine
          key={window.id}
          window={window}
          mayOpen={mayOpen}
          withTenant={several}
          onChange={() => setDialog({ window })}
        />
      ))}
      {windows.length === 0 && (
        <div className={css.window}>
          <StateMark mark="suspended" />
          <span>
            <b>{t('window.none')}</b>{' '}
            <span className="sec">
              {t(mayOpen ? (me?.reach === 'site' ? 'window.noneSite' : 'window.noneMay') : 'window.noneAsk')}
            </span>
          </span>
        </div>
      )}
      {mayOpen && (several || windows.length === 0) && (
        <Button className={css.open ?? ''} onClick={() => setDialog({ window: null })}>
          {t('window.open')}
        </Button>
      )}
      {dialog !== null && <WindowDialog window={dialog.window} onClose={() => setDialog(null)} />}
    </section>
  )
}

function WindowLine(props: { window: ClaimWindow; mayOpen: boolean; withTenant: boolean; onChange(): void }) {
  const { t } = useTranslation('claims')
  const format = useFormat()
  const now = useNow()
  const { window, mayOpen } = props
  const close = useMutation({
    mutationFn: () => api.claims.closeWindow({ tenant: window.tenant.id }),
    onSettled: claimsChanged,
  })
  const left = window.endsAt.getTime() - now
  return (
    <div className={css.window}>
      <StateMark mark="running" />
      <span>
        <b>
          {props.withTenant ? t('window.isOpenFor', { tenant: window.tenant.name }) : t('window.isOpen')}{' '}
          <span role="timer" className={css.left}>
            {countdown(left)}
          </span>
        </b>{' '}
        <span className="sec" title={format.dateTime(window.endsAt)}>
          {t('window.by', {
            name: window.openedBy,
            from: format.time(window.openedAt),
            to: format.time(window.endsAt),
          })}
        </span>
      </span>
      {mayOpen && (
        <span className={css.windowActions}>
          <Button size="xs" onClick={props.onChange}>
            {t('window.change')}
          </Button>
          <Button size="xs" loading={close.isPending} onClick={() => close.mutate()}>
            {t('window.close')}
          </Button>
        </span>
      )}
      {close.error !== null && <ErrorNote error={close.error} />}
    </div>
  )
}
