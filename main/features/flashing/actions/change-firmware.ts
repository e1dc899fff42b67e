import { ExpectedError } from '#contract/errors.ts'
import type { FlashPart } from '#contract/model/board.ts'
import type { FlashJob } from '#contract/model/flash.ts'
import type { FirmwareSource, OpenedFirmware, RequireFit } from '../bench-port.ts'
import { requireRunsOn } from '../flashed-firmware.ts'
import type { ActionTools } from './action-tools.ts'
import { type BoardLayout, layoutOfBoard, overlaps, type ReadLayout } from './board-layout.ts'
import { writeParts } from './whole-flash.ts'

/**
 * Writes the parts of a bundle around the settings that the board has.
 *
 * @throws ExpectedError as `FirmwareSource.open`, `bundle_simulated`, `nvs_moved`, `parts_overlap`, `flash_too_small`
 */
export async function changeFirmware(
  tools: ActionTools,
  source: FirmwareSource,
  { bundleId, readLayout, requireFit }: { bundleId: string; readLayout: ReadLayout; requireFit: RequireFit },
): Promise<void> {
  const { chip, revision, flashSize } = tools.session.board
  await tools.step('preparing')
  const firmware = await source.open(bundleId, chip, revision, tools.job.tenantId)
  tools.log(`${firmware.name} ${firmware.version} (${firmware.signature}), ${firmware.hash}`)
  requireRunsOn(firmware, JSON.parse(tools.job.port) as FlashJob['port'])
  const layout = await layoutOfBoard(tools, readLayout, firmware.nvs?.label ?? null)
  const parts = keepingSettings(firmware, layout)
  requireFit(parts, firmware.partitions, flashSize)
  await writeParts(tools, parts)
}

/**
 * The bundle's parts, and an erased choice of app where the bundle brings none: else a board that was updated over the
 * air would go on starting its old app from the other place.
 *
 * @throws ExpectedError `nvs_moved` where the board would not find its settings any more, `parts_overlap`
 */
export function keepingSettings(firmware: OpenedFirmware, { nvs, otadata }: BoardLayout): FlashPart[] {
  const { name, version, parts } = firmware
  const isSame = nvs !== null && firmware.nvs?.offset === nvs.offset && firmware.nvs.size === nvs.size
  if (!isSame)
    throw new ExpectedError('nvs_moved', {
      bundle: `${name} ${version}`,
      wanted: firmware.nvs === null ? '-' : hex(firmware.nvs.offset),
      found: nvs === null ? '-' : hex(nvs.offset),
    })
  // Images that bring an empty NVS along: the board's own stays.
  const others = parts.filter(({ offset }) => offset !== nvs.offset)
  const over = others.find((part) => overlaps(part, nvs))
  if (over !== undefined)
    throw new ExpectedError('parts_overlap', { first: over.name, second: 'nvs', offset: hex(nvs.offset) })
  if (otadata === null || others.some((part) => overlaps(part, otadata))) return others
  return [
    ...others,
    { name: 'otadata', offset: otadata.offset, bytes: new Uint8Array(otadata.size).fill(0xff) },
  ]
}

function hex(offset: number): string {
  return `0x${offset.toString(16)}`
}
