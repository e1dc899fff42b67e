import type { BenchPort } from '#contract/api/bench.ts'
import { type BenchRun, BenchSetupSchema, type FlashJob } from '#contract/model/flash.ts'

const ID = '01900000-0000-7000-8000-'
export const idOf = (number: number): string => ID + String(number).padStart(12, '0')

export function portOf(name: string, more: Partial<BenchPort> = {}): BenchPort {
  return {
    path: `/dev/${name}`,
    name,
    identity: `usb-${name}`,
    vendorId: '10c4',
    productId: 'ea60',
    serialNumber: null,
    manufacturer: null,
    adapter: 'cp210x',
    guess: 'CP2102N',
    isSimulated: false,
    access: { state: 'free' },
    jobId: null,
    isTaken: false,
    isSkipped: false,
    beginsByItself: false,
    ...more,
  }
}

export function jobOf(number: number, port: BenchPort, more: Partial<FlashJob> = {}): FlashJob {
  return {
    id: idOf(number),
    runId: idOf(900),
    kind: 'gateway',
    port: { path: port.path, name: port.name, identity: port.identity, isSimulated: port.isSimulated },
    state: 'running',
    step: 'writing',
    progress: null,
    tries: 1,
    attempt: 1,
    board: null,
    gateway: null,
    boardSays: null,
    firstReading: null,
    regions: [],
    serial: null,
    labelled: false,
    hasBirthRecord: false,
    file: null,
    error: null,
    committed: false,
    startedBy: 'Marta',
    startedAt: new Date(1_770_000_000_000 + number),
    endedAt: null,
    ...more,
  }
}

export function runOf(number: number, more: Partial<BenchRun> = {}): BenchRun {
  return {
    id: idOf(number),
    tenant: { id: idOf(1), name: 'Plant' },
    name: '2026-11-21 A',
    setup: BenchSetupSchema.parse({ bundleId: idOf(2) }),
    facts: { bundle: 'gateway 1.0.0', signature: 'signed', profile: null, group: null, wifi: null },
    state: 'open',
    next: { code: 'GW001', name: 'GW001' },
    counts: { passed: 0, failed: 0, running: 0, skipped: 0 },
    secondsLeft: null,
    startedBy: 'Marta',
    startedAt: new Date(1_770_000_000_000 + number),
    endedAt: null,
    ...more,
  }
}
