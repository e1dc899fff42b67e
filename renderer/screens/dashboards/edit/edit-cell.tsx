import { type KeyboardEvent, memo, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Tile } from '#contract/model/dashboard.ts'
import { useTileMembers } from '../live/live-context.ts'
import { newTileId } from '../model/tile-id.ts'
import { TileView } from '../tiles/tile.tsx'
import { useTileTitle } from '../tiles/tile-title.ts'
import { duplicated, placed, without } from './changes.ts'
import css from './edit-grid.module.css'
import { TileHandles } from './tile-handles.tsx'
import type { Draft } from './use-draft.ts'
import type { DragHandlers } from './use-tile-drag.ts'

/** What a cell can do; none of it changes while the dashboard is arranged. */
export interface Hands extends DragHandlers, Pick<Draft, 'change' | 'arrange'> {
  onSelect(id: string | null): void
  onAnnounce(text: string): void
}

const arrows: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** A tile with its handles. */
export const EditCell = memo(function EditCell(props: {
  tile: Tile
  hands: Hands
  selected: boolean
  dragged: boolean
}) {
  const { tile, hands, selected, dragged } = props
  const { t } = useTranslation('dashboards')
  const { members } = useTileMembers(tile)
  const title = useTileTitle(tile, members).text
  const content = useRef<HTMLDivElement>(null)
  const grip = useRef<HTMLButtonElement>(null)
  /** Presses of arrow keys on this tile. */
  const [presses, setPresses] = useState(0)

  useEffect(() => {
    // Pushed or pulled out of view, the tile takes the view along.
    if (dragged || presses > 0) content.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [dragged, presses, tile.x, tile.y, tile.w, tile.h])
  useEffect(() => {
    if (presses === 0) return
    // A tile that passes another in reading order is moved on the page, and that takes the focus from it.
    grip.current?.focus({ preventScroll: true })
    const { x, y, w, h } = tile
    hands.onAnnounce(t('announce.placed', { title, column: x + 1, row: y + 1, width: w, height: h }))
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- said once a key was pressed and the tile stands
  }, [presses])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const arrow = arrows[event.key]
    if (arrow !== undefined) {
      event.preventDefault()
      const [dx, dy] = arrow
      const { x, y, w, h } = tile
      const box = event.shiftKey ? { x, y, w: w + dx, h: h + dy } : { x: x + dx, y: y + dy, w, h }
      hands.arrange(
        (dashboard) => placed(dashboard, tile.id, box),
        `${event.shiftKey ? 'size' : 'place'} ${tile.id}`,
      )
      setPresses((count) => count + 1)
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault()
      remove()
    }
  }
  const remove = () => {
    hands.change((dashboard) => without(dashboard, tile.id))
    if (selected) hands.onSelect(null)
    hands.onAnnounce(t('announce.deleted', { title }))
  }
  const duplicate = () => {
    const id = newTileId()
    hands.change((dashboard) => duplicated(dashboard, tile.id, id))
    hands.onSelect(id)
    hands.onAnnounce(t('announce.duplicated', { title }))
  }
  return (
    <>
      <div ref={content} className={css.content} inert>
        <TileView tile={tile} />
      </div>
      <TileHandles
        tile={tile}
        title={title}
        grip={grip}
        drag={hands}
        selected={selected}
        onKeyDown={onKeyDown}
        onSelect={() => hands.onSelect(tile.id)}
        onDuplicate={duplicate}
        onDelete={remove}
      />
    </>
  )
})
