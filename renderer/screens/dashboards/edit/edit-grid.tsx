import { type CSSProperties, useMemo, useRef } from 'react'
import gridCss from '../dashboard-grid.module.css'
import { cellStyle } from '../dashboard-grid.tsx'
import { inReadingOrder, rowCount } from '../model/grid.ts'
import { placed } from './changes.ts'
import { EditCell } from './edit-cell.tsx'
import css from './edit-grid.module.css'
import type { Draft } from './use-draft.ts'
import { useTileDrag } from './use-tile-drag.ts'

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
  const { draft, selected, onSelect, onAnnounce } = props
  const grid = useRef<HTMLDivElement>(null)
  const runs = useRef(0)
  const { dragged, begin, move, end } = useTileDrag(grid, {
    onBegin: () => {
      runs.current += 1
    },
    onBox: (id, box) => draft.arrange((dashboard) => placed(dashboard, id, box), `drag ${runs.current}`),
    onCancel: () => draft.arrange((dashboard) => dashboard, `drag ${runs.current}`),
  })
  const { change, arrange, now } = draft
  // The same for all, and as long as the grid: a cell is drawn anew when its own tile changes.
  const hands = useMemo(
    () => ({ begin, move, end, change, arrange, onSelect, onAnnounce }),
    [begin, move, end, change, arrange, onSelect, onAnnounce],
  )
  return (
    <div className={css.scroller}>
      <div
        ref={grid}
        className={`${gridCss.grid} ${css.grid}`}
        style={{ '--rows': rowCount(now.tiles) + SPARE_ROWS } as CSSProperties}
      >
        {inReadingOrder(now.tiles).map((tile) => (
          <div
            key={tile.id}
            className={`${gridCss.cell} ${css.cell}`}
            style={cellStyle(tile)}
            data-selected={tile.id === selected || undefined}
            data-dragged={tile.id === dragged || undefined}
          >
            <EditCell
              tile={tile}
              hands={hands}
              selected={tile.id === selected}
              dragged={tile.id === dragged}
            />
          </div>
        ))}
      </div>
    </div>
  )
}
