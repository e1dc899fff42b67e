import { ExpectedError } from '#contract/errors.ts'
import { given } from '../arguments.ts'
import type { SiteConnection } from '../site/connect-site.ts'
import type { SiteBundle } from './bundle-lines.ts'

/**
 * The bundle that a person means: by id, by `name@version`, by name where it is there in one version, or by the first
 * digits of its hash.
 *
 * @throws ExpectedError `not_found`, also where several fit
 */
export async function findBundle(
  { client }: SiteConnection,
  reference: string,
  tenant: string | undefined,
): Promise<SiteBundle> {
  const { bundles } = await client.firmware.list(given({ tenant }))
  const lower = reference.toLowerCase()
  const isHash = /^[0-9a-f]{8,64}$/.test(lower)
  const found = bundles.filter(
    ({ id, name, version, hash }) =>
      id === lower ||
      name.toLowerCase() === lower ||
      `${name}@${version}`.toLowerCase() === lower ||
      (isHash && hash.startsWith(lower)),
  )
  if (found.length > 1)
    throw new ExpectedError('not_found', {
      what: 'single firmware bundle',
      id: `${reference}: several fit, say which by id`,
    })
  if (!found[0]) throw new ExpectedError('not_found', { what: 'firmware bundle', id: reference })
  return found[0]
}
