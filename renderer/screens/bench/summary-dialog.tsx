import { Button, Modal } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { BenchSetup } from '#contract/model/flash.ts'
import { api } from '#renderer/api/client.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { KeyValues, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import css from './bench.module.css'
import { writeSetup } from './setup-form.ts'
import { useLimitWords } from './use-limit-words.ts'
import { useNextWords } from './use-next-words.ts'
import { usePreview } from './use-setup.ts'

export const STORED_SETUP = 'millwright.bench-setup'

/** Everything that will be, before anything is written; and the one button that begins it. */
export function SummaryDialog(props: {
  setup: BenchSetup & { tenant?: string }
  /** Boards that are plugged in and free. */
  ready: number
  onClose(): void
}) {
  const { t } = useTranslation(['bench', 'common'])
  const format = useFormat()
  const limitWords = useLimitWords()
  const nextWords = useNextWords()
  useFocusBack()
  const { setup, ready } = props
  const { several, tenants } = useTenants()
  const preview = usePreview(setup)
  const begin = useMutation({
    mutationFn: () => api.bench.openRun(setup),
    // The new run comes with the next message of the bench, and takes this panel's place.
    onSuccess: () => localStorage.setItem(STORED_SETUP, writeSetup(setup)),
  })
  const { facts, chips, names } = preview.data ?? { facts: null, chips: [], names: [] }
  const { check, labels } = setup
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('summary.title')}
      size={560}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <div className={css.dialog}>
        {preview.error !== null && <ErrorNote error={preview.error} onRetry={() => void preview.refetch()} />}
        {facts === null && preview.error === null && <Skeleton height={200} />}
        {facts !== null && (
          <div className={css.summary}>
            <KeyValues
              pairs={[
                [
                  t('setup.bundle'),
                  `${facts.bundle}, ${t(`signature.${facts.signature}`, { defaultValue: facts.signature })}`,
                ],
                [t('summary.chips'), chips.join(', ')],
                several
                  ? [t('setup.tenant'), tenants.find(({ id }) => id === setup.tenant)?.name ?? '']
                  : null,
                facts.group === null ? null : [t('setup.group'), facts.group],
                facts.profile === null ? null : [t('setup.profile'), facts.profile],
                [
                  t('summary.names'),
                  setup.plan.length > 0
                    ? t('setup.planned', {
                        count: setup.plan.length,
                        shown: format.integer(setup.plan.length),
                      })
                    : names[0] === undefined
                      ? ''
                      : nextWords(setup, names[0], names[1]),
                ],
                setup.expected === null ? null : [t('setup.expected'), format.integer(setup.expected)],
                [t('setup.wifi'), facts.wifi ?? t('setup.noWifi')],
                [
                  t('setup.check'),
                  check === null ? t('setup.noCheck') : `${check.channel}, ${limitWords(check)}`,
                ],
                [
                  t('summary.labels'),
                  labels.as === 'none'
                    ? t('summary.noLabels')
                    : t('setup.labelAs', {
                        as: labels.as.toUpperCase(),
                        where: labels.printer ?? labels.size,
                      }),
                ],
                [t('summary.key'), t(setup.keyOnChip ? 'summary.keyOnChip' : 'summary.keyBySite')],
                [t('setup.speed'), t('setup.baud', { speed: format.integer(setup.speed) })],
              ]}
            />
          </div>
        )}
        <p className={setup.eraseAll ? 't-orange' : 'sec'}>
          {t(setup.eraseAll ? 'summary.erasesAll' : 'summary.overwrites')}
        </p>
        <p className="sec">
          {setup.startByItself
            ? t('summary.startsNext', { count: ready, shown: format.integer(ready) })
            : t('summary.startsByHand')}
        </p>
        {begin.error !== null && <ErrorNote error={begin.error} />}
        <div className={css.dialogFoot}>
          <Button onClick={props.onClose}>{t('common:action.back')}</Button>
          <Button
            variant="filled"
            data-autofocus
            loading={begin.isPending}
            disabled={preview.error !== null}
            onClick={() => begin.mutate()}
          >
            {t('summary.begin')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
