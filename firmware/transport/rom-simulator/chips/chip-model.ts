import type { SimulatedBoardOptions, SimulatedChip } from '../board-options.ts'
import { esp32 } from './esp32-model.ts'
import { esp32c3 } from './esp32c3-model.ts'
import { esp32s3 } from './esp32s3-model.ts'

/** What of a family the loader can see. Addresses as in the technical reference manuals. */
export interface ChipModel {
  /** In image headers and in GET_SECURITY_INFO. */
  chipId: number
  bootloaderOffset: number
  /** GET_SECURITY_INFO is there; else the ROM calls it invalid. */
  tellsSecurity: boolean
  /** Registers with something in them at reset, efuses above all. */
  registers(board: SimulatedBoardOptions): Map<number, number>
  spi: SpiLayout
  /** UART divider of the ESP32, from which loaders guess the crystal. */
  clockDivider?: { address: number; crystal: number }
  /** What the ROM prints first. */
  banner: string
  /** `boot:` values and their names. */
  strapping: { download: string; flash: string }
  /** The reset reasons that the firmware of this family prints: power on, brown-out, watchdog. */
  resets: { powerOn: string; brownOut: string; watchdog: string; software: string }
}

/** Offsets within the SPI peripheral that has the flash. */
export interface SpiLayout {
  base: number
  user: number
  user2: number
  data: number
}

const models: Readonly<Record<SimulatedChip, ChipModel>> = {
  ESP32: esp32,
  'ESP32-S3': esp32s3,
  'ESP32-C3': esp32c3,
}

export function modelOf(chip: SimulatedChip): ChipModel {
  return models[chip]
}
