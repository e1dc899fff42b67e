import { ActionIcon } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '#renderer/ui/icon.tsx'
import css from './panel.module.css'

/** Stands beside the tiles; Escape closes it. On a phone it comes up from below. */
export function SidePanel(props: { title: string; onClose(): void; children: ReactNode }) {
  const { t } = useTranslation('common')
  const title = useId()
  return (
    <aside
      className={css.panel}
      aria-labelledby={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') props.onClose()
      }}
    >
      <header className={css.head}>
        <h2 id={title} className="ellipsis">
          {props.title}
        </h2>
        <ActionIcon
          size="xs"
          variant="subtle"
          color="gray"
          aria-label={t('action.close')}
          onClick={props.onClose}
        >
          <Icon name="close" />
        </ActionIcon>
      </header>
      <div className={css.body}>{props.children}</div>
    </aside>
  )
}
