import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '#renderer/api/use-session.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { Card, Empty } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './bench.module.css'
import { problemsOf, readSetup, type SetupForm, type SetupProblem, setupOf } from './setup-form.ts'
import { MainFields } from './setup-main-fields.tsx'
import { MoreFields } from './setup-more-fields.tsx'
import { STORED_SETUP, SummaryDialog } from './summary-dialog.tsx'
import { useBundles, usePreview } from './use-setup.ts'

/** Fields that are not shown before they are asked for. */
const folded: readonly SetupProblem[] = [
  'plan',
  'firstNumber',
  'expected',
  'printer',
  'atOnce',
  'contactWithin',
]

/** What boards become: chosen, looked over, begun. */
export function SetupPanel({ start, ready }: { start: SetupForm | null; ready: number }) {
  const { t } = useTranslation('bench')
  const { several, acting } = useTenants()
  const [form, setForm] = useState(() => beginning(start, several, acting?.id ?? null))
  const [tried, setTried] = useState(false)
  const [left, setLeft] = useState<ReadonlySet<SetupProblem>>(new Set())
  const [unfolded, setUnfolded] = useState(false)
  const [reviewing, setReviewing] = useState(false)
  const panel = useRef<HTMLFormElement>(null)
  const bundles = useBundles(form.tenant)
  const chosen = bundles.data?.find(({ id }) => id === form.bundleId)
  // A bundle that is gone, or of another tenant, is not chosen; the newest one is what most want.
  const bundleId = chosen?.id ?? (bundles.data ?? []).find(({ kind }) => kind === 'gateway')?.id ?? null
  const asked: SetupForm = {
    ...form,
    bundleId,
    keyOnChip: form.keyOnChip && bundles.data?.find(({ id }) => id === bundleId)?.makesKeys === true,
  }
  const problems = problemsOf(asked, several)
  const shown = new Set(problems.filter((problem) => tried || left.has(problem)))
  const setup = problems.length > 0 ? null : setupOf(asked)
  const preview = usePreview(setup)
  const review = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (problems.some((problem) => folded.includes(problem))) setUnfolded(true)
    if (setup !== null) return setReviewing(true)
    requestAnimationFrame(() => panel.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
  }
  const props = {
    form: asked,
    shown,
    onChange: (part: Partial<SetupForm>) => setForm((before) => ({ ...before, ...part })),
    onLeft: (problem: SetupProblem) => setLeft((before) => new Set([...before, problem])),
  }
  if (bundles.data?.length === 0) return <NoBundle />
  return (
    <Card title={t('setup.title')} className={css.setup ?? ''}>
      <form ref={panel} className={css.setupForm} noValidate onSubmit={review}>
        <div className={css.fields}>
          {bundles.error !== null && (
            <ErrorNote error={bundles.error} onRetry={() => void bundles.refetch()} />
          )}
          <MainFields {...props} bundles={bundles.data ?? []} names={preview.data?.names ?? []} />
          <button
            type="button"
            className={`link-button ${css.fold}`}
            aria-expanded={unfolded}
            onClick={() => setUnfolded(!unfolded)}
          >
            {t(unfolded ? 'setup.less' : 'setup.more')}
          </button>
          {unfolded && (
            <MoreFields
              {...props}
              canMakeKeys={bundles.data?.find(({ id }) => id === bundleId)?.makesKeys === true}
            />
          )}
          {preview.error !== null && preview.isOf && <ErrorNote error={preview.error} />}
        </div>
        <div className={css.setupFoot}>
          <Button type="submit" variant="filled" fullWidth>
            {t('setup.review')}
          </Button>
        </div>
      </form>
      {reviewing && setup !== null && (
        <SummaryDialog setup={setup} ready={ready} onClose={() => setReviewing(false)} />
      )}
    </Card>
  )
}

/** What was begun last, unless a run that was is to be followed by another like it. */
function beginning(start: SetupForm | null, several: boolean, acting: string | null): SetupForm {
  const form = start ?? readSetup(localStorage.getItem(STORED_SETUP))
  if (!several) return { ...form, tenant: null }
  return acting === null || form.tenant === acting
    ? form
    : { ...form, tenant: acting, group: null, profile: null, wifiId: null }
}

function NoBundle() {
  const { t } = useTranslation('bench')
  const may = useMay('firmware:write')
  return (
    <Card title={t('setup.title')} className={css.setup ?? ''}>
      <Empty
        title={t('noBundle.title')}
        text={t(may ? 'noBundle.text' : 'noBundle.ask')}
        action={
          may && (
            <Button variant="filled" renderRoot={(root) => <Link to="/firmware" {...root} />}>
              {t('noBundle.button')}
            </Button>
          )
        }
      />
    </Card>
  )
}
