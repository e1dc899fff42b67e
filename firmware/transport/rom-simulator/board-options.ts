import type { BoardSecurity, ChipFamily } from '#contract/model/board.ts'

/** Families whose ROM loader is simulated. */
export const simulatedChips = ['ESP32', 'ESP32-S3', 'ESP32-C3'] as const satisfies readonly ChipFamily[]
export type SimulatedChip = (typeof simulatedChips)[number]

/** A board as it leaves its box, and how its double behaves. */
export interface SimulatedBoardOptions {
  /** Of its files: `board-01`. */
  name: string
  chip: SimulatedChip
  /** `aa:bb:cc:dd:ee:ff` */
  mac: string
  /** `3.1`: wafer revision, as fuses tell it. */
  revision: string
  /** Bytes of flash: a power of two. */
  flashSize: number
  /** A CP2102 with two transistors, or the chip's own USB serial/JTAG (S3, C3). */
  usb: 'bridge' | 'native'
  security: SimulatedSecurity
  /** Bytes take their time on the line (10 bits each, both ways); off for fast tests. */
  isPaced: boolean
  /** ms from the release of EN until the chip looks at IO0; a large capacitor on EN makes it longer. */
  riseTime: number
  /** ms between readings of the simulated gateway. */
  readingEvery: number
  /** The simulated gateway speaks Improv Wi-Fi over its serial line too. */
  improv: boolean
  faults: BoardFaults
}

export type SimulatedSecurity = { [Key in keyof BoardSecurity]: NonNullable<BoardSecurity[Key]> }

/** What goes wrong, from the moment it is said. Byte numbers count from then on, from 0. */
export interface BoardFaults {
  /** The plug is pulled when the host has written this many bytes. */
  unplugAt?: number
  /** The byte of that number, of those the host writes, is lost, or arrives with a flipped bit. */
  dropAt?: number
  flipAt?: number
  /** Share of bytes, 0 to 1, in both directions. */
  dropRate?: number
  flipRate?: number
  /** The chip's MD5 of a region does not fit. */
  wrongMd5?: 'once' | 'always'
  /** ms that every erase takes longer. */
  slowErase?: number
  /** So many resets into download mode stay without an answer. */
  deafTries?: number
  /** Answers nothing faster than this: baud. */
  fastest?: number
  /** The supply drops whenever the firmware starts. */
  brownOut?: boolean
  /** The firmware crashes when it starts. */
  panic?: boolean
  /** The firmware starts, and never gets there. */
  neverConnects?: 'wifi' | 'broker'
  /** Connects, and sends no reading. */
  noReadings?: boolean
  /** Sends bytes without sense, whatever it is asked. */
  noise?: boolean
}

export type BoardMode = 'unplugged' | 'reset' | 'rom' | 'stub' | 'boot' | 'app' | 'halted'

/** What a board tells on its control socket when it changes, and when it is asked. */
export interface BoardState {
  name: string
  mode: BoardMode
  isPlugged: boolean
  /** Of the pty; null while unplugged. */
  path: string | null
  /** Of the chip's UART. */
  baud: number
  /** Bytes that the host wrote since the board was plugged in. */
  hostBytes: number
  /** Of the simulated gateway; null before it runs. */
  gateway: { wifi: string; broker: string; published: number; error: string | null } | null
}

export const openBoard: SimulatedSecurity = {
  secureBoot: false,
  flashEncryption: false,
  downloadMode: 'open',
}

/** A plain ESP32 with 4 MB behind a USB bridge; the MAC's last digits are its number. */
export function boardNumber(index: number, wish: Partial<SimulatedBoardOptions> = {}): SimulatedBoardOptions {
  const number = index + 1
  const digits = number.toString(16).padStart(4, '0')
  const chip = wish.chip ?? 'ESP32'
  return {
    name: `board-${String(number).padStart(2, '0')}`,
    chip,
    mac: `24:6f:28:00:${digits.slice(0, 2)}:${digits.slice(2)}`,
    revision: chip === 'ESP32' ? '3.1' : chip === 'ESP32-S3' ? '0.2' : '0.4',
    flashSize: 4 << 20,
    usb: 'bridge',
    security: openBoard,
    isPaced: true,
    riseTime: 2,
    readingEvery: 1_000,
    improv: false,
    faults: {},
    ...wish,
  }
}
