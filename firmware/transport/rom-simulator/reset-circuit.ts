/** Both lines of the host, true is asserted. */
export interface Signals {
  dtr: boolean
  rts: boolean
}

export interface Pins {
  /** EN is low: the chip is held in reset. */
  isReset: boolean
  /** IO0 is low: the next start is in download mode. */
  isBoot: boolean
}

/** The usual two transistors: each line pulls its pin down, unless the other line is asserted too. */
export function transistorPins({ dtr, rts }: Signals): Pins {
  return { isReset: rts && !dtr, isBoot: dtr && !rts }
}

/**
 * The USB serial/JTAG unit of S3 and C3: DTR alone marks download mode, RTS alone resets, none takes the mark away,
 * both change nothing.
 */
export function usbSerialJtagPins({ dtr, rts }: Signals, before: Pins): Pins {
  if (dtr && rts) return { ...before, isReset: false }
  if (dtr) return { isReset: false, isBoot: true }
  if (rts) return { isReset: true, isBoot: before.isBoot }
  // The mark is looked at when the reset ends, which is this very moment.
  return { isReset: false, isBoot: before.isReset && before.isBoot }
}
