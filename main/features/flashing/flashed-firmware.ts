import { ExpectedError } from '#contract/errors.ts'
import type { FlashPart } from '#contract/model/board.ts'
import type { FlashJob } from '#contract/model/flash.ts'
import type { OpenedFirmware } from './bench-port.ts'

/** Which firmware a board got, for its birth record. */
export interface FlashedFirmware {
  bundleId: string
  name: string
  version: string
  hash: string
  signature: string
  /** The label of the partition with its settings. */
  nvs: string
  /** The board makes its own key when it has started. */
  keyOnChip: boolean
}

/** The parts of a bundle with settings in their partition, by offset. @throws ExpectedError as `requireNvs` */
export function partsWithNvs(firmware: OpenedFirmware, image: Uint8Array): FlashPart[] {
  const nvs = requireNvs(firmware)
  // Images that bring an empty NVS along: the settings replace it.
  const others = firmware.parts
    .filter(({ offset }) => offset !== nvs.offset)
    .map((part) => ({ ...part, isShared: true }))
  return [...others, { name: 'nvs', offset: nvs.offset, bytes: image }].toSorted(
    (a, b) => a.offset - b.offset,
  )
}

/** @throws ExpectedError `partition_missing`, `nvs_encrypted_board` */
export function requireNvs(firmware: OpenedFirmware): NonNullable<OpenedFirmware['nvs']> {
  const { name, version, nvs } = firmware
  const bundle = `${name} ${version}`
  if (nvs === null) throw new ExpectedError('partition_missing', { bundle, partition: 'nvs' })
  if (nvs.isEncrypted) throw new ExpectedError('nvs_encrypted_board', { what: bundle })
  return nvs
}

/** @throws ExpectedError `bundle_simulated` */
export function requireRunsOn(
  { name, version, isSimulated }: Pick<OpenedFirmware, 'name' | 'version' | 'isSimulated'>,
  port: FlashJob['port'],
): void {
  if (isSimulated && !port.isSimulated) throw new ExpectedError('bundle_simulated', { name, version })
}
