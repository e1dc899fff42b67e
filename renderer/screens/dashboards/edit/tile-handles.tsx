import type { KeyboardEvent, Ref } from 'react'
import { useTranslation } from 'react-i18next'
import type { Tile } from '#contract/model/dashboard.ts'
import { Icon, type IconName } from '#renderer/ui/icon.tsx'
import css from './edit-grid.module.css'
import type { DragHandlers } from './use-tile-drag.ts'

/** The element with the keys that move and resize, for `aria-describedby`. */
export const KEYS_ID = 'dashboard-edit-keys'

/** What lies over a tile while the dashboard is arranged. The mouse takes it anywhere, a finger by its grip. */
export function TileHandles(props: {
  tile: Tile
  title: string
  drag: DragHandlers
  grip: Ref<HTMLButtonElement>
  selected: boolean
  onKeyDown(event: KeyboardEvent): void
  onSelect(): void
  onDuplicate(): void
  onDelete(): void
}) {
  const { tile, title, drag } = props
  const { t } = useTranslation('dashboards')
  const follow = {
    onPointerMove: drag.move,
    onPointerUp: drag.end,
    onPointerCancel: drag.end,
  }
  return (
    <>
      {/* The keyboard has the grip and the buttons. */}
      <div
        className={css.over}
        role="presentation"
        onPointerDown={(event) => {
          if (event.pointerType === 'mouse') drag.begin(event, tile, 'place')
        }}
        onClick={props.onSelect}
        {...follow}
      />
      <div className={css.bar}>
        <button
          ref={props.grip}
          type="button"
          className={css.grip}
          data-tile={tile.id}
          aria-label={t('edit.move', { title })}
          aria-describedby={KEYS_ID}
          onKeyDown={props.onKeyDown}
          onClick={props.onSelect}
          onPointerDown={(event) => drag.begin(event, tile, 'place')}
          {...follow}
        >
          <Icon name="grip" size={14} />
        </button>
        <Tool
          icon="settings"
          label={t('edit.options', { title })}
          pressed={props.selected}
          onClick={props.onSelect}
        />
        <Tool icon="copy" label={t('edit.duplicate', { title })} onClick={props.onDuplicate} />
        <Tool icon="trash" label={t('edit.delete', { title })} onClick={props.onDelete} />
      </div>
      <div
        className={css.corner}
        role="presentation"
        onPointerDown={(event) => drag.begin(event, tile, 'size')}
        {...follow}
      />
    </>
  )
}

/** Plain buttons: forty tiles have a hundred and sixty of them. */
function Tool(props: { icon: IconName; label: string; pressed?: boolean; onClick(): void }) {
  return (
    <button
      type="button"
      className={css.tool}
      title={props.label}
      aria-label={props.label}
      aria-pressed={props.pressed}
      onClick={props.onClick}
    >
      <Icon name={props.icon} size={14} />
    </button>
  )
}
