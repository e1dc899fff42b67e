import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudStatus } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { siteNow } from '#renderer/api/site-clock.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { FromFields, ModeOptions, ModeSelect } from '../choice-fields.tsx'
import css from '../cloud.module.css'
import { type Choices, changedChoices, choiceOf, choiceProblem, type TenantChoice } from '../tenant-choice.ts'

/** What of which tenant is sent. What is being edited stays as it is while the link tells its state each second. */
export function TenantChoicesCard({ status }: { status: CloudStatus }) {
  const { t } = useTranslation(['cloud', 'common'])
  const { tenants } = status
  const [edited, setEdited] = useState<Choices>({})
  const choices: Choices = {
    ...Object.fromEntries(tenants.map((tenant) => [tenant.tenantId, choiceOf(tenant)])),
    ...edited,
  }
  const now = siteNow()
  const changed = changedChoices(choices, tenants, now)
  const isWrong = changed.some(({ tenantId }) => choiceProblem(choices, tenantId, now) !== null)
  const turnedOff = changed.some(
    ({ tenantId, mode }) =>
      mode === 'off' && tenants.some((one) => one.tenantId === tenantId && one.mode !== 'off'),
  )
  const save = useMutation({
    mutationFn: () => api.cloud.setTenants({ tenants: changed }),
    onSuccess: () => setEdited({}),
  })
  const set = (id: string, part: Partial<TenantChoice>) => {
    const before = choices[id]
    if (before !== undefined) setEdited((all) => ({ ...all, [id]: { ...before, ...part } }))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (changed.length > 0 && !isWrong) save.mutate()
  }
  const [only] = tenants
  const several = tenants.length > 1
  return (
    <Card title={t(several ? 'choice.titleSeveral' : 'choice.title')}>
      <form className={css.form} onSubmit={submit} noValidate>
        {several ? (
          <div className={css.choices}>
            {tenants.map(({ tenantId: id, name }) => {
              const common = { tenant: { id, name }, choices, change: set, tried: false }
              return (
                <div key={id} role="group" aria-label={name}>
                  <b className={css.choiceName}>{name}</b>
                  <ModeSelect {...common} />
                  <FromFields {...common} />
                </div>
              )
            })}
          </div>
        ) : (
          only !== undefined && (
            <One tenant={{ id: only.tenantId, name: only.name }} choices={choices} change={set} />
          )
        )}
        {turnedOff && (
          <Note tone="info" title={t('choice.off')}>
            {t('choice.offText')}
          </Note>
        )}
        {save.error !== null && <ErrorNote error={save.error} />}
        <div className={css.row}>
          <Button
            type="submit"
            variant="filled"
            disabled={changed.length === 0 || isWrong}
            loading={save.isPending}
          >
            {t('common:action.save')}
          </Button>
        </div>
      </form>
    </Card>
  )
}

function One(props: {
  tenant: { id: string; name: string }
  choices: Choices
  change(id: string, part: Partial<TenantChoice>): void
}) {
  return (
    <div className={css.fields}>
      <ModeOptions {...props} />
      <FromFields {...props} tried={false} />
    </div>
  )
}
