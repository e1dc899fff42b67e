import type { GatewayCredentials } from './gateway-credentials.ts'
import { type BoxState, KnockingBox, type KnockingBoxOptions } from './knocking-box.ts'

export interface KnockingFleetOptions {
  door: KnockingBoxOptions['door']
  way: KnockingBoxOptions['way']
  macs: readonly string[]
}

/** Many boxes that knock at once: a pallet of them on the first morning. */
export class KnockingFleet {
  readonly boxes: readonly KnockingBox[]

  constructor({ door, way, macs }: KnockingFleetOptions) {
    this.boxes = macs.map((mac) => new KnockingBox({ door, way, mac, chip: 'Simulator', firmware: '1.0.0' }))
  }

  /** Resolves when each has its credential, or the signal ended it. @throws what a box was refused with, first one first */
  async start(
    signal: AbortSignal,
    onEnrolled: (credentials: GatewayCredentials, index: number) => void,
  ): Promise<void> {
    const ended = await Promise.allSettled(
      this.boxes.map(async (box, index) => onEnrolled(await box.enroll(signal), index)),
    )
    const failed = ended.find((one) => one.status === 'rejected')
    if (failed !== undefined && !signal.aborted) throw failed.reason as Error
  }

  count(state: BoxState): number {
    return this.boxes.filter((box) => box.state === state).length
  }

  /** Of the first box that has one. */
  get lastError(): string | null {
    return this.boxes.find(({ lastError }) => lastError !== null)?.lastError ?? null
  }

  pollNow(): void {
    for (const box of this.boxes) box.pollNow()
  }
}
