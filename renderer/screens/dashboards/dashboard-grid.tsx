import type { CSSProperties } from 'react'
import type { Tile } from '#contract/model/dashboard.ts'
import css from './dashboard-grid.module.css'
import { inReadingOrder, rowCount } from './model/grid.ts'
import { TileView } from './tiles/tile.tsx'

/** The tiles in their places; on a phone below each other, in reading order. */
export function DashboardGrid({ tiles, full = false }: { tiles: readonly Tile[]; full?: boolean }) {
  return (
    <div
      className={full ? `${css.grid} ${css.full}` : css.grid}
      style={{ '--rows': Math.max(1, rowCount(tiles)) } as CSSProperties}
    >
      {inReadingOrder(tiles).map((tile) => (
        <div key={tile.id} className={css.cell} style={cellStyle(tile)}>
          <TileView tile={tile} />
        </div>
      ))}
    </div>
  )
}

/** Where a tile stands, for the style sheet. */
export function cellStyle({ x, y, w, h }: Tile): CSSProperties {
  return { '--x': x + 1, '--y': y + 1, '--w': w, '--h': h } as CSSProperties
}
