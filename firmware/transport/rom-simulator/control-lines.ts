import * as z from 'zod'

const byteNumber = z.number().int().min(0).optional()
const share = z.number().min(0).max(1).optional()

const FaultsSchema = z.strictObject({
  unplugAt: byteNumber,
  dropAt: byteNumber,
  flipAt: byteNumber,
  dropRate: share,
  flipRate: share,
  wrongMd5: z.enum(['once', 'always']).optional(),
  slowErase: z.number().min(0).optional(),
  deafTries: byteNumber,
  fastest: z.number().int().positive().optional(),
  brownOut: z.boolean().optional(),
  panic: z.boolean().optional(),
  neverConnects: z.enum(['wifi', 'broker']).optional(),
  noReadings: z.boolean().optional(),
  noise: z.boolean().optional(),
})

/** What a host (the first two) or a test says to a board; each line is answered with `{"done": …}` or `{"failed": …}`. */
export const ControlLineSchema = z.union([
  /** Both lines, true is asserted. */
  z.strictObject({ signals: z.strictObject({ dtr: z.boolean(), rts: z.boolean() }) }),
  /** The speed that the host set its side to. Whoever says it holds the port open until it hangs up. */
  z.strictObject({ baud: z.number().int().positive() }),
  /** Replaces all faults; null: none any more. */
  z.strictObject({ fault: FaultsSchema.nullable() }),
  z.strictObject({ plug: z.boolean() }),
  /** `boot`: BOOT held while EN is pressed. `reset`: EN alone. */
  z.strictObject({ button: z.enum(['boot', 'reset']) }),
  /** The whole flash into a file, or from one. */
  z.strictObject({ dump: z.string() }),
  z.strictObject({ load: z.string() }),
  /** Answers with the state. */
  z.strictObject({ ask: z.literal('state') }),
])
export type ControlLine = z.infer<typeof ControlLineSchema>
