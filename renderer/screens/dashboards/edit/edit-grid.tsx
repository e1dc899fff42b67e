import { type CSSProperties, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Tile } from '#contract/model/dashboard.ts'
import { cellStyle } from '../dashboard-grid.tsx'
import gridCss from '../dashboard-grid.module.css'
import { useTileMembers } from '../live/live-context.ts'
import { type Box, inReadingOrder, rowCount } from '../model/grid.ts'
import { newTileId } from '../model/tile-id.ts'
import { TileView } from '../tiles/tile.tsx'
import { useTileTitle } from '../tiles/tile-title.ts'
import { duplicated, placed, without } from './changes.ts'
import css from './edit-grid.module.css'
import { TileHandles } from './tile-handles.tsx'
import type { Draft } from './use-draft.ts'
import { type TileDrag, useTileDrag } from './use-tile-drag.ts'

/** Rows that stay free below, to move to. */
const SPARE_ROWS = 4

/** The tiles to be moved, resized, copied and deleted: by mouse, finger or keyboard. */
export function EditGrid(props: {
  draft: Draft
  selected: string | null
  onSelect(id: string | null): void
  /** Says to screen readers where a tile now is. */
  onAnnounce(text: string): void
}) {
  const { draft, selected, onSelect } = props
  const grid = useRef<HTMLDivElement>(null)
  const runs = useRef(0)
  const drag = useTileDrag(grid, {
    onBegin: () => {
      runs.current += 1
    },
    onBox: (id, box) => draft.arrange((dashboard) => placed(dashboard, id, box), `drag ${runs.current}`),
    onCancel: draft.undo,
  })
  const { tiles } = draft.now
  return (
    <div className={css.scroller}>
      <div
        ref={grid}
        className={`${gridCss.grid} ${css.grid}`}
        style={{ '--rows': rowCount(tiles) + SPARE_ROWS } as CSSProperties}
      >
        {inReadingOrder(tiles).map((tile) => (
          <EditCell
            key={tile.id}
            tile={tile}
            draft={draft}
            drag={drag}
            selected={tile.id === selected}
            onSelect={onSelect}
            onAnnounce={props.onAnnounce}
          />
        ))}
      </div>
    </div>
  )
}

const arrows: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

function EditCell(props: {
  tile: Tile
  draft: Draft
  drag: TileDrag
  selected: boolean
  onSelect(id: string | null): void
  onAnnounce(text: string): void
}) {
  const { tile, draft, drag } = props
  const { t } = useTranslation('dashboards')
  const { members } = useTileMembers(tile)
  const title = useTileTitle(tile, members).text
  const cell = useRef<HTMLDivElement>(null)
  const [byKeys, setByKeys] = useState(0)
  const dragged = drag.dragged === tile.id

  useEffect(() => {
    // Pushed or pulled out of view, the tile takes the view along.
    if (dragged || byKeys > 0) cell.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [dragged, byKeys, tile.x, tile.y, tile.w, tile.h])

  const announce = ({ x, y, w, h }: Box) =>
    props.onAnnounce(t('announce.placed', { title, column: x + 1, row: y + 1, width: w, height: h }))

  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = arrows[event.key]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (arrow !== undefined) {
      event.preventDefault()
      const [dx, dy] = arrow
      const { x, y, w, h } = tile
      const box = event.shiftKey ? { x, y, w: w + dx, h: h + dy } : { x: x + dx, y: y + dy, w, h }
      draft.arrange(
        (dashboard) => placed(dashboard, tile.id, box),
        `${event.shiftKey ? 'size' : 'place'} ${tile.id}`,
      )
      setByKeys((count) => count + 1)
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault()
      remove()
    }
  }
  useEffect(() => {
    if (byKeys === 0) return
    // A tile that passes another in reading order is moved on the page, and that takes the focus from it.
    cell.current?.querySelector<HTMLElement>('[data-tile]')?.focus({ preventScroll: true })
    announce(tile)
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- said once a key was pressed and the tile stands
  }, [byKeys])

  const remove = () => {
    draft.change((dashboard) => without(dashboard, tile.id))
    if (props.selected) props.onSelect(null)
    props.onAnnounce(t('announce.deleted', { title }))
  }
  const duplicate = () => {
    const id = newTileId()
    draft.change((dashboard) => duplicated(dashboard, tile.id, id))
    props.onSelect(id)
    props.onAnnounce(t('announce.duplicated', { title }))
  }
  return (
    <div
      ref={cell}
      className={`${gridCss.cell} ${css.cell}`}
      style={cellStyle(tile)}
      data-selected={props.selected || undefined}
      data-dragged={dragged || undefined}
    >
      <div className={css.content} inert>
        <TileView tile={tile} />
      </div>
      <TileHandles
        tile={tile}
        title={title}
        drag={drag}
        selected={props.selected}
        onKeyDown={onKeyDown}
        onSelect={() => props.onSelect(tile.id)}
        onDuplicate={duplicate}
        onDelete={remove}
      />
    </div>
  )
}
