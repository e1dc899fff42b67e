import type { BenchSite } from './bench-site.ts'

const LOOKS_EVERY = 250

/** Watches the memory of a site while something is done. @returns MiB at rest, and at most */
export async function peakMemory(
  site: BenchSite,
  work: () => Promise<void>,
): Promise<{ before: number; most: number }> {
  const before = await site.memory()
  let most = before
  const look = async (): Promise<void> => {
    most = Math.max(most, await site.memory())
  }
  const timer = setInterval(() => void look().catch(() => {}), LOOKS_EVERY)
  try {
    await work()
    await look()
  } finally {
    clearInterval(timer)
  }
  return { before, most }
}
