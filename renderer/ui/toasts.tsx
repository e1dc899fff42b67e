import { ActionIcon } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from './icon.tsx'
import { type Mark, StateMark } from './state-mark.tsx'
import css from './toasts.module.css'

export interface Toast {
  /** The same again takes the place of the one before. */
  key: string
  mark: Mark
  text: string
  /** Where more is told. */
  gatewayId: string
}

/** How long one stays, ms; what it tells stands elsewhere too. */
const STAYS = 12_000
const MOST = 3

let toasts: readonly Toast[] = []
const listeners = new Set<() => void>()

function set(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

/** Rare, and never the only place where something is told. */
export function showToast(toast: Toast): void {
  set([...toasts.filter(({ key }) => key !== toast.key), toast].slice(-MOST))
  setTimeout(() => hide(toast), STAYS)
}

function hide(toast: Toast): void {
  if (toasts.includes(toast)) set(toasts.filter((one) => one !== toast))
}

export function Toasts() {
  const { t } = useTranslation('common')
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
  )
  return (
    // There from the beginning: readers of the screen tell what is put into it, not that it appears.
    <div className={css.toasts} role="status">
      {shown.map((toast) => (
        <div key={toast.key} className={css.toast}>
          <StateMark mark={toast.mark} />
          <Link to="/gateways/$gatewayId" params={{ gatewayId: toast.gatewayId }} onClick={() => hide(toast)}>
            {toast.text}
          </Link>
          <ActionIcon
            size="xs"
            variant="transparent"
            color="gray"
            aria-label={t('action.close')}
            onClick={() => hide(toast)}
          >
            <Icon name="close" />
          </ActionIcon>
        </div>
      ))}
    </div>
  )
}
