import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { ConnectionProblem, GatewayConnection } from '#contract/api/gateway-connection.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { Note } from '../note.tsx'

/** What keeps a gateway out, however right its credential is, and where that is changed. */
export function ConnectionProblems({ problems }: Pick<GatewayConnection, 'problems'>) {
  const { t } = useTranslation('connection')
  const { several, acting } = useTenants()
  const mayAdmit = useMay('tenants:write')
  const mayListen = useMay('site:write')
  const whereToFix = (problem: ConnectionProblem): string | null => {
    if (problem === 'password_gateways_off' && mayAdmit)
      return several && acting === null ? '/admin/tenants' : '/settings'
    return problem === 'password_listener_off' && mayListen ? '/settings' : null
  }
  return problems.map((problem) => {
    // The heading says it, and what can be done is beside it.
    if (problem === 'suspended' || problem === 'revoked') return null
    const to = whereToFix(problem)
    return (
      <Note
        key={problem}
        tone="yellow"
        title={t(`problem.${problem}.title`)}
        action={to === null ? undefined : <Link to={to as '/'}>{t('problem.open')}</Link>}
      >
        {t(`problem.${problem}.text`)}
      </Note>
    )
  })
}
