import * as z from 'zod'
import { IdSchema } from './ids.ts'

/** What a tile shows of its channels. `text` shows words of its own. */
export const tileKinds = ['value', 'sparkline', 'gauge', 'states', 'table', 'chart', 'text'] as const
export type TileKind = (typeof tileKinds)[number]

/** The grid's width; rows go on as far as tiles stand. */
export const DASHBOARD_COLUMNS = 12
export const MOST_TILES = 60
/** As many as the store answers in one call. */
export const MOST_TILE_CHANNELS = 32
/** Rows of the grid, from the top. */
export const MOST_ROWS = 500
export const TALLEST_TILE = 40

/** What a value beyond a threshold means; each has its colour, its shape and its word (ISA-101: grey is normal). */
export const thresholdMeanings = ['critical', 'warning', 'notice'] as const
export type ThresholdMeaning = (typeof thresholdMeanings)[number]

export const ThresholdSchema = z.object({
  side: z.enum(['above', 'below']),
  value: z.number(),
  meaning: z.enum(thresholdMeanings),
})
export type Threshold = z.infer<typeof ThresholdSchema>

/** What a state of a boolean, text or integer channel is called on this tile, and whether it is normal. */
const StateSchema = z.object({
  /** As the store names it: `true` and `false`, the text, the whole number. */
  state: z.string().max(100),
  word: z.string().trim().max(40).optional(),
  meaning: z.enum(thresholdMeanings).optional(),
})
export type StateOption = z.infer<typeof StateSchema>

/** Columns of a table tile: of the range, but `last`. */
export const tableColumns = ['last', 'age', 'min', 'max', 'average', 'count'] as const
export type TableColumn = (typeof tableColumns)[number]

/** A span that ends now, as it stands in addresses: `15m`, `8h`, `7d`. */
const SpanTextSchema = z.string().regex(/^[1-9]\d{0,6}[smhd]$/, 'write it as 15m, 8h or 7d')

const TileOptionsSchema = z.object({
  /** Digits after the point; as many as the value has where left out. */
  decimals: z.number().int().min(0).max(6).optional(),
  /** Ends of a gauge or of a chart's axis. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** The channel's own limits count as warnings where none is given. */
  thresholds: z.array(ThresholdSchema).max(8).optional(),
  states: z.array(StateSchema).max(16).optional(),
  /** The dashboard's range where left out. */
  range: SpanTextSchema.optional(),
  /** Of a table. */
  columns: z.array(z.enum(tableColumns)).min(1).max(tableColumns.length).optional(),
  /** Words of a text tile. */
  text: z.string().max(2_000).optional(),
})
export type TileOptions = z.infer<typeof TileOptionsSchema>

export const TileSchema = z
  .object({
    /** Unique on its dashboard. */
    id: z.string().regex(/^[a-zA-Z0-9-]{1,36}$/),
    kind: z.enum(tileKinds),
    /** Place and size in cells of the grid, from its upper left corner. */
    x: z
      .number()
      .int()
      .min(0)
      .max(DASHBOARD_COLUMNS - 1),
    y: z.number().int().min(0).max(MOST_ROWS),
    w: z.number().int().min(1).max(DASHBOARD_COLUMNS),
    h: z.number().int().min(1).max(TALLEST_TILE),
    /** The names of its channels where left out. */
    title: z.string().trim().max(100).optional(),
    /** Channels, and calculated ones. */
    channelIds: z.array(IdSchema).max(MOST_TILE_CHANNELS),
    options: TileOptionsSchema,
  })
  .refine((tile) => tile.x + tile.w <= DASHBOARD_COLUMNS, 'the tile reaches beyond the last column')
  .refine(
    (tile) => new Set(tile.channelIds).size === tile.channelIds.length,
    'a channel stands twice in the tile',
  )
  .refine(
    ({ options: { min, max } }) => min === undefined || max === undefined || min < max,
    'min is not below max',
  )
export type Tile = z.infer<typeof TileSchema>

/** What a saved view of kind `dashboard` holds. */
export const DashboardSchema = z.object({
  columns: z.literal(DASHBOARD_COLUMNS),
  tiles: z
    .array(TileSchema)
    .max(MOST_TILES)
    .refine(
      (tiles) => new Set(tiles.map((tile) => tile.id)).size === tiles.length,
      'two tiles have the same id',
    ),
  /** What charts, tables and state timelines show: `8h`. */
  range: SpanTextSchema.optional(),
})
export type Dashboard = z.infer<typeof DashboardSchema>
