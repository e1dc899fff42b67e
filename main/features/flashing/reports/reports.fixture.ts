import type { BenchRun, FlashJob } from '#contract/model/flash.ts'
import { BenchSetupSchema } from '#contract/model/flash.ts'

const id = (n: number) => `0197f3a0-0000-7000-8000-${String(n).padStart(12, '0')}`

/** A board that passed, but for what is given. */
export function flashJob(n: number, given: Partial<FlashJob> = {}): FlashJob {
  return {
    id: id(n),
    runId: id(0),
    kind: 'gateway',
    port: { path: `/dev/ttyUSB${n}`, name: `ttyUSB${n}`, identity: `usb-${n}`, isSimulated: false },
    state: 'passed',
    step: 'waiting',
    progress: null,
    tries: 1,
    attempt: 1,
    board: {
      chip: 'ESP32',
      model: 'ESP32-D0WD-V3',
      revision: '3.1',
      mac: `aa:bb:cc:00:00:${n.toString(16).padStart(2, '0')}`,
      features: [],
      flashSize: 4_194_304,
      flashId: 'ef4016',
      crystal: 40,
      security: { secureBoot: false, flashEncryption: false, downloadMode: 'open' },
    },
    gateway: { id: id(n + 1_000), code: `GW${n}`, name: `Pump ${n}`, label: null, again: false },
    boardSays: null,
    firstReading: { channel: 'temperature', value: 21.4, unit: '°C', at: new Date(4_000), check: 'passed' },
    regions: [],
    serial: '0a1b',
    labelled: false,
    hasBirthRecord: true,
    file: null,
    error: null,
    committed: true,
    startedBy: 'Ana',
    startedAt: new Date(n * 1_000),
    endedAt: new Date(n * 1_000 + 60_000),
    ...given,
  }
}

export const benchRun: BenchRun = {
  id: id(0),
  tenant: { id: id(1), name: 'North' },
  name: '2026-11-21 A',
  setup: BenchSetupSchema.parse({ bundleId: id(2) }),
  facts: {
    bundle: 'sim-gateway 1.0.0',
    signature: 'signed',
    profile: null,
    group: 'Plant 1/Line 2',
    wifi: 'PLANT-IOT',
  },
  state: 'ended',
  next: null,
  counts: { passed: 1, failed: 1, running: 0, skipped: 0 },
  secondsLeft: null,
  startedBy: 'Ana',
  startedAt: new Date(0),
  endedAt: new Date(90_000),
}
