import { statfs } from 'node:fs/promises'

/** Of the disk that also takes what gateways send, files of people leave at least so much. */
const RESERVE_BYTES = 1024 ** 3
const RESERVE_SHARE = 0.05

/** Bytes that a disk still has for files in `dir`; negative: there are too many already. */
export type DiskRoom = (dir: string) => Promise<number>

/** What is free beyond 1 GiB, and beyond 5 % of the disk: the historian's share. */
export async function roomBeyondReserve(dir: string): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(dir)
  return bavail * bsize - Math.max(RESERVE_BYTES, blocks * bsize * RESERVE_SHARE)
}
