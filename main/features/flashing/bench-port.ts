import type { BoardInfo, ChipFamily, FlashedRegion, FlashPart, FlashProgress } from '#contract/model/board.ts'
import type { SerialPort } from '#contract/model/serial-port.ts'
import type { SiteTrx } from '#platform/db/site-db.ts'

/**
 * What this feature needs of USB; `main/engine` binds it to `firmware/`. Whatever fails is an ExpectedError of
 * `contract/error-codes/flashing.ts`, and the port is closed in every outcome.
 */
export interface SerialBench {
  /** Ports as they are now. */
  ports(): readonly SerialPort[]
  /** @returns how to stop listening */
  onPorts(listener: (ports: readonly SerialPort[]) => void): () => void
  /**
   * Opens a port, resets its board into download mode and asks who it is. Nothing is written.
   *
   * @throws ExpectedError `port_unknown`, `port_busy`, `port_denied`, `port_lost`, `board_silent`, `board_unsupported`,
   *   `flash_cancelled`; `board_secured` unless `identifyOnly`
   */
  openBoard(path: string, options: OpenBoardOptions): Promise<BoardSession>
  /** Opens a port to listen. @throws ExpectedError `port_unknown`, `port_busy`, `port_denied` */
  openMonitor(path: string, options: { baud: number }): Promise<MonitorSession>
}

export interface OpenBoardOptions {
  /** Of the fast part; the line begins at 115200. */
  baud: number
  signal: AbortSignal
  identifyOnly?: boolean
  onTry(tries: number): void
  /** Lines for the job's log. */
  onLog(text: string): void
}

/** A board in download mode. */
export interface BoardSession {
  readonly board: BoardInfo
  /** The whole flash. */
  eraseAll(): Promise<void>
  /** Erases and writes. @throws ExpectedError `flash_too_small`, `parts_overlap`, `flash_command_failed`, `port_lost` */
  write(parts: readonly FlashPart[], onProgress: (progress: FlashProgress) => void): Promise<void>
  /** Has the chip hash each region. @throws ExpectedError `verify_failed` */
  verify(parts: readonly FlashPart[], onProgress: (progress: FlashProgress) => void): Promise<FlashedRegion[]>
  read(offset: number, size: number, onProgress: (progress: FlashProgress) => void): Promise<Uint8Array>
  /** Resets the board to run what it holds; the same line listens on. The session ends. */
  reboot(): Promise<MonitorSession>
  /** Resets the board and closes the port. May be called twice. */
  close(): Promise<void>
}

/** A board that runs: what it says, and what is said to it. */
export interface MonitorSession {
  /** Lines as they come, with what they mean. @returns how to stop listening */
  onLines(listener: (lines: readonly BoardLine[], dropped: number) => void): () => void
  /** Resolves when the port is gone or closed: null where it was closed by us. */
  readonly ended: Promise<Error | null>
  send(text: string): Promise<void>
  reset(): Promise<void>
  /** A call of our firmware's serial setup (`docs/serial-setup.md`). @throws ExpectedError `setup_silent`, `setup_failed`, `port_lost` */
  call(request: GatewaySetupRequest): Promise<Record<string, unknown>>
  /** Wi-Fi by Improv. @throws ExpectedError `setup_silent`, `setup_failed`, `port_lost` */
  improv(wifi: { ssid: string; password: string }): Promise<ImprovResult>
  close(): Promise<void>
}

/** A line of a board, decoded. */
export interface BoardLine {
  /** ms */
  at: number
  text: string
  /** What it means, where that is known: a word of `firmware/transport/boot-log.ts`. */
  meaning: string | null
  data: Record<string, string | number>
}

export type GatewaySetupRequest =
  | { do: 'hello' | 'csr' | 'status' | 'restart' }
  | { do: 'settings'; set: Record<string, unknown> }

export interface ImprovResult {
  firmware: string
  version: string
  chip: string
  name: string
  url: string | null
}

/** What this feature needs of firmware bundles (`main/features/firmware`). */
export interface FirmwareSource {
  /** @throws ExpectedError as `describe`; `bundle_lacks_chip`, `data_damaged` */
  open(bundleId: string, chip: ChipFamily, revision: string | null, tenantId: string): Promise<OpenedFirmware>
  /**
   * What a bundle is, for a tenant that wants to flash it.
   * @throws ExpectedError `not_found`, `bundle_unsigned`, `bundle_publisher_untrusted`
   */
  describe(bundleId: string, tenantId: string): Promise<FirmwareFacts>
  /** That it is still there, in the transaction of a run with it. @throws ExpectedError `not_found` */
  requireIn(trx: SiteTrx, tenantId: string, bundleId: string): Promise<void>
}

export interface FirmwareFacts {
  name: string
  version: string
  /** `signed`: by a publisher that counts. `untrusted`, `unsigned`. */
  signature: string
  chips: string[]
  makesKeys: boolean
}

export interface OpenedFirmware {
  name: string
  version: string
  /** SHA-256 of the bundle, hex. */
  hash: string
  signature: string
  parts: FlashPart[]
  /** As the partition table of the parts has them. */
  partitions: readonly { label: string; offset: number; size: number }[]
  /** Which of them takes the settings; null where none does. `isEncrypted`: under keys of the board itself. */
  nvs: { label: string; offset: number; size: number; isEncrypted: boolean } | null
  /** Our gateway firmware, or firmware that reads the same settings. */
  kind: 'gateway' | 'other'
  makesKeys: boolean
  improv: boolean
  /** Runs on simulated boards only. */
  isSimulated: boolean
}

/** That a flash takes the parts and the partitions. @throws ExpectedError `flash_too_small`, `parts_overlap` */
export type RequireFit = (
  parts: readonly FlashPart[],
  partitions: OpenedFirmware['partitions'],
  flashSize: number | null,
) => void

/** Values of an NVS namespace. */
export type NvsValue =
  | { type: 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32'; value: number }
  | { type: 'u64' | 'i64'; value: bigint }
  /** `raw`: the bytes of one that was read and is not UTF-8; they are written back as they are. */
  | { type: 'string'; value: string; raw?: Uint8Array }
  | { type: 'blob'; value: Uint8Array }
export type NvsContents = Record<string, Record<string, NvsValue>>

/** Builds an NVS partition image. @throws ExpectedError `nvs_…` */
export type BuildNvs = (contents: NvsContents, options: { size: number; key?: Uint8Array }) => Uint8Array
/** Reads one back, leniently: of a board that was in use. */
export type ReadNvs = (image: Uint8Array) => { namespaces: NvsContents; warnings: string[] }
