import { UnsupportedCommandError } from 'esptool-js'
import { ExpectedError } from '#contract/errors.ts'
import type { BoardInfo, BoardSecurity } from '#contract/model/board.ts'
import { parseFlashId } from '#firmware/targets/flash-id.ts'
import type { Target } from '#firmware/targets/target.ts'
import { targetByChipId, targetByMagic, targets } from '#firmware/targets/targets.ts'
import { type BoardLoader, wordsOf } from './board-loader.ts'
import type { Interruption } from './interruption.ts'

/** A word of every ROM that differs between the chips without GET_SECURITY_INFO. */
const MAGIC = 0x4000_1000

/**
 * Which chip answers, by its ROM loader.
 * @throws {ExpectedError} `board_unsupported`
 */
export async function identifyChip(loader: BoardLoader, interruption: Interruption): Promise<Target> {
  const { chipId, isSecure } = await tellOf(loader, interruption)
  const known = chipId === null ? undefined : targetByChipId(chipId)
  if (known) return known
  // The one that tells its fuses but not which chip it is; in secure download mode it has no register to read.
  if (chipId === null && isSecure) return targets['ESP32-S2']
  const magic = (await loader.readReg(MAGIC)) >>> 0
  const target = targetByMagic(magic)
  if (target) return target
  const chip = chipId === null ? `0x${magic.toString(16)}` : `chip ${chipId}`
  throw new ExpectedError('board_unsupported', { port: loader.transport.getInfo(), chip })
}

/** `chipId` null: a ROM without the command (ESP32), or one that does not tell (S2). A lost answer is neither. */
async function tellOf(
  loader: BoardLoader,
  interruption: Interruption,
): Promise<{ chipId: number | null; isSecure: boolean }> {
  try {
    const { chipId, parsedFlags } = await loader.getSecurityInfo()
    return { chipId, isSecure: parsedFlags.SECURE_DOWNLOAD_ENABLE }
  } catch (error) {
    interruption.throwIfInterrupted()
    if (error instanceof UnsupportedCommandError) return { chipId: null, isSecure: false }
    throw error
  }
}

export const DOWNLOAD_DISABLED = 'download mode disabled'

/** What keeps a chip from being flashed as it comes, as `board_secured` names it; null where nothing does. */
export function whatSecures(security: BoardSecurity): string | null {
  if (security.downloadMode === 'disabled') return DOWNLOAD_DISABLED
  if (security.downloadMode === 'secure') return 'secure download mode'
  if (security.secureBoot === true && security.flashEncryption === true)
    return 'secure boot and flash encryption'
  if (security.secureBoot === true) return 'secure boot'
  if (security.flashEncryption === true) return 'flash encryption'
  return null
}

/** All that is read without the flash, so before the stub runs. In secure download mode that is next to nothing. */
export async function readBoard(
  loader: BoardLoader,
  target: Target,
  security: BoardSecurity,
): Promise<BoardInfo> {
  const { chip } = loader
  const isReadable = security.downloadMode !== 'secure'
  const known = { chip: target.family, security, flashId: null, flashSize: null }
  if (!isReadable)
    return { ...known, model: target.family, revision: null, mac: '', features: [], crystal: null }
  const description = await chip.getChipDescription(loader)
  return {
    ...known,
    model: description.replace(/\s*\(revision .*\)$/, ''),
    revision: await target.readRevision(loader),
    mac: (await chip.readMac(loader)).toLowerCase(),
    features: (await chip.getChipFeatures(loader)).map((feature) => feature.trim()),
    crystal: await chip.getCrystalFreq(loader),
  }
}

const SPI_SET_PARAMS = 0x0b

/** Asks the flash, and tells the stub its size: until then it takes every flash for one of 16 MB. */
export async function withFlash(loader: BoardLoader, board: BoardInfo): Promise<BoardInfo> {
  const { text, size } = parseFlashId(await loader.readFlashId())
  // Id, size, block, sector, page, status mask: as esptool sends them.
  const words = [0, size ?? 0, 0x1_0000, 0x1000, 0x100, 0xffff]
  if (size !== null) await loader.checkCommand('set the flash size', SPI_SET_PARAMS, wordsOf(...words))
  return { ...board, flashId: text, flashSize: size }
}
