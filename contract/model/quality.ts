/**
 * Quality of a reading: bits, 0 is good. Stored with the row and never cleared.
 * Rules for times are in domain.md: without a time, or before 2020, the site's time is taken; more than ten
 * minutes ahead is kept but never becomes the latest.
 */
export const Quality = {
  good: 0,
  /** The gateway sent no usable time: `ts` is the site's. */
  siteTime: 1,
  /** `ts` is more than ten minutes ahead of the site. */
  ahead: 2,
  /** The gateway sent a whole number beyond 2^53 that a double cannot hold: the nearest one is stored. */
  rounded: 4,
} as const

/** Readings from before this are taken as "no clock": 2020-01-01T00:00:00Z, in ms. */
export const EARLIEST_TS = 1_577_836_800_000
/** Readings further ahead of the site's time than this are flagged, in ms. */
export const AHEAD_TOLERANCE = 10 * 60_000
