import { Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMe } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'

const SITE = ''

/** For whom something is added: one's own tenant; where one acts for the whole site, all of it or one tenant. */
export interface Owner {
  /** Slug; null: as the site takes it, without saying. */
  tenant: string | null
  choose: ((tenant: string | null) => void) | null
}

export function useOwner(): Owner {
  const me = useMe()
  const { several, acting } = useTenants()
  const [tenant, setTenant] = useState<string | null>(null)
  const isOpen = me?.reach === 'site' && several && acting === null
  return { tenant: isOpen ? tenant : null, choose: isOpen ? setTenant : null }
}

/** Nothing, where there is nothing to choose. */
export function OwnerSelect({ owner, label, hint }: { owner: Owner; label: string; hint: string }) {
  const { t } = useTranslation('firmware')
  const { tenants } = useTenants()
  const { choose } = owner
  if (choose === null) return null
  return (
    <Select
      label={label}
      description={hint}
      data={[
        { value: SITE, label: t('wholeSite') },
        ...tenants.map(({ slug, name }) => ({ value: slug, label: name })),
      ]}
      value={owner.tenant ?? SITE}
      onChange={(tenant) => choose(tenant === SITE ? null : tenant)}
      allowDeselect={false}
    />
  )
}
