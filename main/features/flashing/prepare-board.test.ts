import { expect, test } from 'vitest'
import { ExpectedError } from '#contract/errors.ts'
import type { BoardInfo } from '#contract/model/board.ts'
import type { ActionTools } from './actions/action-tools.ts'
import { changeFirmware } from './actions/change-firmware.ts'
import type { FirmwareSource, OpenedFirmware, RequireFit } from './bench-port.ts'
import type { FlowOf, FlowTools } from './flow-tools.ts'
import { prepareBoard } from './prepare-board.ts'

const plain = { label: 'nvs', offset: 0x9000, size: 0x3000, isEncrypted: false }
const board = { chip: 'ESP32', mac: '24:6f:28:00:00:01', revision: '3.1', flashSize: 4 << 20 } as BoardInfo
const port = JSON.stringify({ path: '/dev/ttyUSB0', name: 'ttyUSB0', identity: 'usb', isSimulated: false })

const source = (change: Partial<OpenedFirmware>) =>
  ({
    open: async () => ({
      name: 'fw',
      version: '2',
      hash: '',
      signature: 'unsigned',
      parts: [{ name: 'app', offset: 0x10000, bytes: new Uint8Array(16) }],
      partitions: [plain],
      nvs: plain,
      kind: 'gateway' as const,
      makesKeys: false,
      improv: false,
      isSimulated: false,
      ...change,
    }),
  }) as unknown as FirmwareSource

/** What the flash of `board` does not take: that it was asked about the partitions is what counts here. */
const requireFit: RequireFit = (_parts, partitions, flashSize) => {
  const over = partitions.find(({ offset, size }) => offset + size > (flashSize ?? 0))
  if (over) throw new ExpectedError('flash_too_small', { part: over.label, need: 0, size: 0 })
}
const untouched = () => {
  throw new Error('It went on')
}

const refused: [name: string, change: Partial<OpenedFirmware>, code: string][] = [
  ['for simulated boards', { isSimulated: true }, 'bundle_simulated'],
  [
    'with partitions beyond the flash',
    { partitions: [plain, { label: 'storage', offset: 4 << 20, size: 0x1000 }] },
    'flash_too_small',
  ],
]

test.each([
  ...refused,
  ['that encrypts its settings', { nvs: { ...plain, isEncrypted: true } }, 'nvs_encrypted_board'],
] satisfies typeof refused)(
  'firmware %s is refused before a gateway is prepared',
  async (_, change, code) => {
    const tools = {
      firmware: source(change),
      requireFit,
      book: { require: async () => ({ port }), change: untouched },
      db: { selectFrom: untouched },
      enrollment: { prepare: untouched },
    } as unknown as FlowTools
    const of = {
      jobId: 'j',
      run: { tenantId: 't', setup: { bundleId: 'b', keyOnChip: false } },
    } as unknown as FlowOf
    await expect(prepareBoard(tools, of, board)).rejects.toMatchObject({ code })
  },
)

test.each(refused)('firmware %s is not written alone either', async (_, change, code) => {
  const session = { board, read: async () => new Uint8Array(0xc00), write: untouched }
  const tools = {
    session,
    job: { tenantId: 't', port },
    step: async () => {},
    progress: () => {},
    log: () => {},
  } as unknown as ActionTools
  const readLayout = () => ({ nvs: plain, otadata: null })
  await expect(
    changeFirmware(tools, source(change), { bundleId: 'b', readLayout, requireFit }),
  ).rejects.toMatchObject({ code })
})
