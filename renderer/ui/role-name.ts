import { useTranslation } from 'react-i18next'
import { type Role, roles } from '#contract/model/permission.ts'

/** What a role is called: built-in ones in the person's language, own ones as they were named. */
export function useRoleName(): (role: string, name?: string) => string {
  const { t } = useTranslation('common')
  return (role, name = role) => (isBuiltIn(role) ? t(`role.${role}`) : name)
}

function isBuiltIn(role: string): role is Role {
  return roles.some((one) => one === role)
}
