import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Knock } from '#contract/api/claims.ts'
import { api } from '#renderer/api/client.ts'
import { useFleet } from '#renderer/api/fleet-store.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import { BecomesFields, useFirstPlace, useGroupNeeded } from './becomes-fields.tsx'
import { type Becomes, becomesOf, becomesProblems, firstCodes, isPattern } from './claim-form.ts'
import { ClaimManyResult } from './claim-many-result.tsx'
import { isKnown } from './knock.ts'

/** Claims many boxes as a job: with codes that count on, into one place. */
export function ClaimManyDialog(props: {
  /** The chosen ones; of all that wait only those that are known here. */
  knocks: readonly Knock[]
  /** All that wait, whatever of them the list holds. */
  all: boolean
  onClose(): void
  onStarted(): void
}) {
  const { t } = useTranslation(['claims', 'common'])
  const format = useFormat()
  useFocusBack()
  const fleet = useFleet()
  const groupNeeded = useGroupNeeded()
  const [form, setForm] = useState<Becomes & { code: string; replace: boolean }>({
    ...useFirstPlace(),
    code: 'GW{n:03}',
    replace: false,
  })
  const [tried, setTried] = useState(false)
  const { knocks, all } = props
  const places = becomesProblems(form, groupNeeded)
  const codeIsGood = isPattern(form.code.trim())
  const flagged = knocks.filter((knock) => knock.flagged).length
  const count = all ? knocks.length - flagged : knocks.length
  const again = knocks.filter(isKnown).length
  const start = useMutation({
    mutationFn: () =>
      api.claims.acceptMany({
        ...becomesOf(form),
        code: form.code.trim(),
        replace: form.replace,
        ...(!all && { knocks: knocks.map(({ id }) => id) }),
      }),
    onSuccess: props.onStarted,
  })
  const change = (part: Partial<typeof form>) => setForm((was) => ({ ...was, ...part }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (places.length === 0 && codeIsGood && !start.isPending) start.mutate()
  }
  const taken = fleet.rows.flatMap(({ tenantId, code }) => (tenantId === form.tenant ? [code] : []))
  const [first, second] = codeIsGood ? firstCodes(form.code.trim(), taken, 2) : []
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('many.title', { count, shown: format.integer(count) })}
      size={520}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      {start.data !== undefined ? (
        <ClaimManyResult jobId={start.data.jobId} boxes={start.data.boxes} onClose={props.onClose} />
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            <p className="sec">{t(all ? 'many.all' : 'many.text')}</p>
            {flagged > 0 && (
              <Note
                tone="yellow"
                title={t('many.flagged', { count: flagged, shown: format.integer(flagged) })}
              >
                {t(all ? 'many.flaggedLeft' : 'many.flaggedTodo')}
              </Note>
            )}
            <TextInput
              label={t('many.code')}
              description={
                first === undefined ? t('many.codeHint') : t('many.codeNext', { first, second: second ?? '' })
              }
              value={form.code}
              error={codeIsGood ? null : t('problem.pattern')}
              maxLength={40}
              autoComplete="off"
              spellCheck={false}
              classNames={{ input: 'mono' }}
              data-autofocus
              onChange={(event) => change({ code: event.currentTarget.value })}
            />
            <BecomesFields form={form} problems={tried ? places : []} onChange={change} />
            {again > 0 && (
              <Checkbox
                label={t('many.replace', { count: again, shown: format.integer(again) })}
                description={t('many.replaceHint')}
                checked={form.replace}
                onChange={(event) => change({ replace: event.currentTarget.checked })}
              />
            )}
            {start.error !== null && <ErrorNote error={start.error} />}
            <Group justify="flex-end">
              <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
              <Button type="submit" variant="filled" loading={start.isPending}>
                {t('many.button', { count, shown: format.integer(count) })}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
