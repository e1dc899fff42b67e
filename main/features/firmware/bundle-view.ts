import type { FirmwareBundle, FirmwareBundleDetails } from '#contract/api/firmware.ts'
import type { BundleBuild, BundleFacts, BundleTrust } from '#contract/model/bundle.ts'
import type { BundleRow, BundleUse } from './bundles.repository.ts'
import { keyFingerprint } from './publisher-key.ts'
import type { PublisherRow } from './publishers.repository.ts'

/** What a row keeps of the facts beside its own columns. */
type Abilities = Pick<BundleFacts, 'makesKeys' | 'improv' | 'isSimulated' | 'skippedChips'>

export function abilitiesOf({ makesKeys, improv, isSimulated, skippedChips }: BundleFacts): Abilities {
  return { makesKeys, improv, isSimulated, skippedChips }
}

export function buildsOf({ builds }: { builds: string }): BundleBuild[] {
  return JSON.parse(builds) as BundleBuild[]
}

/** Hashes of all its parts. */
export function hashesOf(builds: readonly BundleBuild[]): Set<string> {
  return new Set(builds.flatMap(({ parts }) => parts.map(({ sha256 }) => sha256)))
}

/**
 * Who signed it, and whether that counts. Of a tenant's bundle its own publishers and the site's do; of one of the site
 * those of the tenant that looks, where one does.
 */
export function trustOf(
  { publicKey, tenantId }: { publicKey: string | null; tenantId: string | null },
  publishers: readonly PublisherRow[],
  looking: string | null,
): { trust: BundleTrust; publisher: { id: string; name: string } | null } {
  if (publicKey === null) return { trust: 'unsigned', publisher: null }
  const of = tenantId ?? looking
  const found = publishers.find(
    (one) => one.publicKey === publicKey && (one.tenantId === null || one.tenantId === of),
  )
  if (found === undefined) return { trust: 'untrusted', publisher: null }
  return { trust: 'signed', publisher: { id: found.id, name: found.name } }
}

export function detailsOf(
  row: BundleRow,
  seen: { publishers: readonly PublisherRow[]; uses: ReadonlyMap<string, BundleUse>; looking: string | null },
): FirmwareBundleDetails {
  const { id, tenantId, tenantSlug, tenantName, name, version, kind, size, hash, publicKey } = row
  const abilities = JSON.parse(row.abilities) as Abilities
  const builds = buildsOf(row)
  const use = seen.uses.get(id)
  return {
    id,
    tenant: tenantId === null ? null : { id: tenantId, slug: tenantSlug ?? '', name: tenantName ?? '' },
    name,
    version,
    kind,
    ...abilities,
    chips: builds.map(({ chip }) => chip),
    size,
    hash,
    ...trustOf(row, seen.publishers, seen.looking),
    signer: publicKey === null ? null : { publicKey, fingerprint: keyFingerprint(publicKey) },
    importedAt: new Date(row.importedAt),
    importedBy: row.importedByName,
    jobs: use?.jobs ?? 0,
    openRuns: use?.open ?? 0,
    builds,
  }
}

/** Without what only its own page shows. */
export function summaryOf(details: FirmwareBundleDetails): FirmwareBundle {
  const { builds: _, skippedChips: __, ...summary } = details
  return summary
}
