import * as z from 'zod'

/** Who converts USB to the serial line; `native`: the chip itself. */
export const usbAdapters = ['cp210x', 'ch34x', 'ftdi', 'prolific', 'native', 'other'] as const

/** Why a port can or cannot be opened now. */
export const PortAccessSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('free') }),
  /** `program` and `pid` where the system tells. */
  z.object({
    state: z.literal('busy'),
    program: z.string().nullable(),
    pid: z.number().int().nullable(),
  }),
  /** `group` whose members may open it; `command` that puts things right, where there is one. */
  z.object({
    state: z.literal('denied'),
    group: z.string().nullable(),
    command: z.string().nullable(),
  }),
])
export type PortAccess = z.infer<typeof PortAccessSchema>

/** A serial port of the machine that the engine runs on. */
export const SerialPortSchema = z.object({
  /** What opens it: `/dev/ttyUSB0`, `COM5`, `/dev/cu.usbserial-1`. */
  path: z.string(),
  /** As people call it: the last part of the path. */
  name: z.string(),
  /** The same adapter in the same socket has the same one after it was plugged in again. */
  identity: z.string(),
  /** Lower-case hex, four digits; null where it is not USB. */
  vendorId: z.string().nullable(),
  productId: z.string().nullable(),
  serialNumber: z.string().nullable(),
  manufacturer: z.string().nullable(),
  adapter: z.enum(usbAdapters),
  /** What it probably is: `CP2102N`, `ESP32-S3 (USB)`. */
  guess: z.string().nullable(),
  /** One of the boards that this product plays itself. */
  isSimulated: z.boolean(),
  access: PortAccessSchema,
})
export type SerialPort = z.infer<typeof SerialPortSchema>
