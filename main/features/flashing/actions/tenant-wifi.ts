import { ExpectedError } from '#contract/errors.ts'
import type { TenantScope } from '#features/access/index.ts'
import type { WifiService } from '../wifi.service.ts'

/** A network of the tenant whose board it goes into: another's password is not for it. @throws ExpectedError `not_found` */
export async function requireWifi(
  wifi: Pick<WifiService, 'require'>,
  scope: TenantScope,
  { wifiId, tenantId }: { wifiId: string; tenantId: string },
): Promise<void> {
  const network = await wifi.require(scope, wifiId)
  if (network.tenantId !== tenantId)
    throw new ExpectedError('not_found', { what: 'Wi-Fi network', id: wifiId })
}
