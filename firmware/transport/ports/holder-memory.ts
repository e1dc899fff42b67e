import type { FindHolders } from './port-access.ts'
import { findHolders, type PortHolder } from './port-holder.ts'

/** Looking through the open files of all programs takes a while on a machine with many. */
const FRESH_MS = 5_000

/** Looks for holders, and remembers what it saw as long as the ports are the same. */
export function rememberedHolders(now: () => number = () => performance.now()): FindHolders {
  let seen: { paths: string; at: number; holders: Map<string, PortHolder> } | undefined
  return async (paths, system) => {
    const key = paths.join('\n')
    if (seen?.paths !== key || now() - seen.at >= FRESH_MS) {
      seen = { paths: key, at: now(), holders: await findHolders(paths, system) }
    }
    return seen.holders
  }
}
