import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { CloudTenantState, CodedProblem } from '#contract/model/cloud.ts'
import { api, useErrorText } from '#renderer/api/client.ts'
import { useMay, useMe } from '#renderer/api/use-session.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import css from '../cloud.module.css'
import { problemError } from '../state-words.ts'

/** Why nothing of a tenant is sent, and what a person can do about it here; what is here stays until they do. */
export function TenantProblem(props: {
  tenant: CloudTenantState
  problem: CodedProblem
  /** The only tenant of a site is not deleted. */
  several: boolean
}) {
  const { t } = useTranslation('cloud')
  const { tenantId, slug, fromAt, linkedWith } = props.tenant
  const { what, todo } = useErrorText()(problemError(props.problem))
  const mayDelete = useMay('tenants:write')
  const me = useMe()
  const isDeleted = props.problem.code === 'cloud_tenant_deleted'
  const turnOff = useMutation({
    mutationFn: () =>
      api.cloud.setTenants({ tenants: [{ tenantId, mode: 'off', fromAt, cloudTenantId: linkedWith }] }),
  })
  return (
    <>
      <Note
        tone="orange"
        title={what}
        action={
          <span className={css.row}>
            <Button size="xs" loading={turnOff.isPending} onClick={() => turnOff.mutate()}>
              {t('unsent.turnOff')}
            </Button>
            {isDeleted && props.several && mayDelete && me?.ofSite === true && (
              <Button
                size="xs"
                renderRoot={(root) => <Link to="/admin/tenants" search={{ look: slug }} {...root} />}
              >
                {t('unsent.deleteHere')}
              </Button>
            )}
          </span>
        }
      >
        {todo}
      </Note>
      {turnOff.error !== null && <ErrorNote error={turnOff.error} />}
    </>
  )
}
