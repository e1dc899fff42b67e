import type { RestClient } from '#client/rest-client.ts'
import type { BundleBuild } from '#contract/model/bundle.ts'
import type { Output } from '../output.ts'
import type { Cell } from '../table.ts'

/** As a site answers by REST. */
export type SiteBundle = Awaited<ReturnType<RestClient['firmware']['list']>>['bundles'][number]
export type SiteBundleDetails = Awaited<ReturnType<RestClient['firmware']['show']>>

export const bundleHeader = [
  'BUNDLE',
  'VERSION',
  'CHIPS',
  'SIGNATURE',
  'FOR',
  'SIZE',
  'JOBS',
  'IMPORTED',
  'ID',
]

export function bundleRow(bundle: SiteBundle): Cell[] {
  const { name, version, chips, tenant, size, jobs, importedAt, id } = bundle
  return [
    name,
    version,
    chips.join(' '),
    signatureWords(bundle),
    tenant?.slug ?? 'the site',
    size,
    jobs,
    new Date(importedAt).toISOString().slice(0, 16),
    id,
  ]
}

export function showBundle(output: Output, bundle: SiteBundleDetails): void {
  output.facts([
    ['bundle', `${bundle.name} ${bundle.version}`],
    ['id', bundle.id],
    [
      'for',
      bundle.tenant === null ? 'all tenants of the site' : `${bundle.tenant.name} (${bundle.tenant.slug})`,
    ],
    ['kind', bundle.kind === 'gateway' ? 'gateway firmware' : 'other firmware'],
    ['runs on', bundle.isSimulated ? 'simulated boards only' : null],
    ['signature', signatureWords(bundle)],
    ['signer', bundle.signer?.fingerprint],
    ['hash', bundle.hash],
    ['size', bundle.size],
    ['imported', `${new Date(bundle.importedAt).toISOString()} by ${bundle.importedBy}`],
    ['flash jobs', bundle.jobs],
    ['not flashed', bundle.skippedChips.join(', ') || null],
  ])
  showBuilds(output, bundle.builds)
}

export function showBuilds(output: Output, builds: readonly BundleBuild[]): void {
  for (const { chip, parts, app } of builds) {
    output.line()
    output.line(app === null ? chip : `${chip}: ${app.project} ${app.version}`)
    const rows = parts.map(({ name, path, offset, size, sha256 }) => [
      name,
      path,
      `0x${offset.toString(16)}`,
      size,
      sha256.slice(0, 16),
    ])
    output.table(['PART', 'FILE', 'OFFSET', 'BYTES', 'SHA-256'], rows)
  }
}

function signatureWords({ trust, publisher }: SiteBundle): string {
  if (trust === 'unsigned') return 'unsigned'
  return publisher === null ? 'unknown publisher' : `signed by ${publisher.name}`
}
