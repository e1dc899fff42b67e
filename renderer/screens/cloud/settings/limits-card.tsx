import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudLimits } from '#contract/model/cloud.ts'
import { api } from '#renderer/api/client.ts'
import { Card } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from '../cloud.module.css'
import { LimitsFields } from '../limits-fields.tsx'
import { limitsFormOf, limitsInput, limitsProblems } from '../limits-form.ts'

/** How fast and when; counts at once. Drawn anew when the site tells other limits. */
export function LimitsCard({ limits }: { limits: CloudLimits }) {
  const { t } = useTranslation(['cloud', 'common'])
  const [form, setForm] = useState(() => limitsFormOf(limits))
  const isRight = Object.keys(limitsProblems(form)).length === 0
  const isSame =
    isRight && JSON.stringify(limitsInput(form)) === JSON.stringify(limitsInput(limitsFormOf(limits)))
  const save = useMutation({ mutationFn: () => api.cloud.setLimits(limitsInput(form)) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isRight && !isSame) save.mutate()
  }
  return (
    <Card title={t('limits.title')}>
      <form className={css.form} onSubmit={submit} noValidate>
        <LimitsFields form={form} change={(part) => setForm((before) => ({ ...before, ...part }))} />
        {save.error !== null && <ErrorNote error={save.error} />}
        <div className={css.row}>
          <Button type="submit" variant="filled" disabled={isSame || !isRight} loading={save.isPending}>
            {t('common:action.save')}
          </Button>
        </div>
      </form>
    </Card>
  )
}
