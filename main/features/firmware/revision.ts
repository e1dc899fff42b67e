import { ExpectedError } from '#contract/errors.ts'
import type { BundleBuild } from '#contract/model/bundle.ts'

/**
 * Whether the firmware is for this revision of its chip; a board that does not tell its own is taken.
 *
 * @param revision `3.1` @throws ExpectedError `bundle_lacks_chip`
 */
export function requireRevision(
  { name, version }: { name: string; version: string },
  { chip, minimumRevision, maximumRevision }: BundleBuild,
  revision: string | null,
): void {
  if (revision === null) return
  const actual = numberOf(revision)
  const isTooOld = minimumRevision !== null && actual < numberOf(minimumRevision)
  const isTooNew = maximumRevision !== null && actual > numberOf(maximumRevision)
  if (!isTooOld && !isTooNew) return
  const bounds = [minimumRevision && `from ${minimumRevision}`, maximumRevision && `to ${maximumRevision}`]
  throw new ExpectedError('bundle_lacks_chip', {
    name,
    version,
    chip: `${chip} revision ${revision}`,
    chips: `${chip} revisions ${bounds.filter(Boolean).join(' ')}`,
  })
}

/** Major and minor as one number, as the chips' own headers have it. */
function numberOf(revision: string): number {
  const [major = 0, minor = 0] = revision.split('.').map(Number)
  return major * 100 + minor
}
