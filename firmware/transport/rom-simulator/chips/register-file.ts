import type { SimulatedBoardOptions } from '../board-options.ts'
import { modelOf } from './chip-model.ts'

/** SPI_USR of the command register: runs the transfer, reads 0 once it is over. */
const SPI_USR = 1 << 18
const READ_ID = 0x9f
const READ_STATUS = 0x05

/** Memory and peripherals as READ_REG and WRITE_REG see them: fuses, and the SPI controller that has the flash. */
export class RegisterFile {
  /** Flash pins are routed to the SPI controller: by SPI_ATTACH, or by the stub. */
  isFlashAttached = false
  readonly #board: SimulatedBoardOptions
  readonly #fixed: Map<number, number>
  readonly #written = new Map<number, number>()

  constructor(board: SimulatedBoardOptions) {
    this.#board = board
    this.#fixed = modelOf(board.chip).registers(board)
  }

  /** @param baud of the UART now: the divider of the ESP32 follows from it */
  read(address: number, baud: number): number {
    const { clockDivider } = modelOf(this.#board.chip)
    if (address === clockDivider?.address) return Math.round(clockDivider.crystal / baud)
    return this.#fixed.get(address) ?? this.#written.get(address) ?? 0
  }

  write(address: number, value: number, mask: number): void {
    // Fuses cannot be written by a plain store.
    if (this.#fixed.has(address)) return
    const { spi } = modelOf(this.#board.chip)
    const next = (((this.#written.get(address) ?? 0) & ~mask) | (value & mask)) >>> 0
    if (address !== spi.base) {
      this.#written.set(address, next)
      return
    }
    if ((next & SPI_USR) !== 0) this.#transfer()
  }

  reset(): void {
    this.#written.clear()
    this.isFlashAttached = false
  }

  #transfer(): void {
    const { spi } = modelOf(this.#board.chip)
    const command = (this.#written.get(spi.base + spi.user2) ?? 0) & 0xffff
    this.#written.set(spi.base + spi.data, this.isFlashAttached ? this.#flashAnswer(command) : 0)
  }

  #flashAnswer(command: number): number {
    // JEDEC id: manufacturer, type, and the capacity as a power of two.
    if (command === READ_ID) return (Math.log2(this.#board.flashSize) << 16) | (0x40 << 8) | 0x20
    if (command === READ_STATUS) return 0
    return 0
  }
}
