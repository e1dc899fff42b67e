import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '#contract/errors.ts'
import type { Gateway } from '#contract/model/gateway.ts'
import { api, readError } from '#renderer/api/client.ts'
import { useFleet } from '#renderer/api/fleet-store.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { nextCode } from '../add-gateway/gateway-form.ts'
import { BecomesFields, useFirstPlace, useGroupNeeded } from './becomes-fields.tsx'
import { type Box, type ClaimForm, fieldsOf, problemsOf } from './claim-form.ts'
import css from './claims.module.css'
import { isKnown, nameOf } from './knock.ts'
import { KnockWarnings } from './knock-marks.tsx'
import { KnockFacts } from './knock-panel.tsx'

/** What one box becomes. */
export function ClaimQuestions(props: {
  box: Box
  /** To name another one; null where it was chosen from the list. */
  onBack: (() => void) | null
  onCancel(): void
  onMade(gateway: Gateway): void
}) {
  const { t } = useTranslation(['claims', 'common'])
  const { box } = props
  const knock = box.kind === 'knock' ? box.knock : null
  const again = knock !== null && isKnown(knock)
  const fleet = useFleet()
  const place = useFirstPlace()
  const groupNeeded = useGroupNeeded()
  const [typed, setForm] = useState<ClaimForm>({
    ...place,
    code: again ? (knock.gateway?.code ?? '') : '',
    name: again ? (knock.gateway?.name ?? '') : '',
  })
  // It comes back to where it was.
  const home = again ? (fleet.byId.get(knock.gateway?.id ?? '')?.tenantId ?? null) : null
  const form = { ...typed, tenant: typed.tenant ?? home }
  const [tried, setTried] = useState(false)
  const problems = problemsOf(form, groupNeeded)
  const shown = tried ? problems : problems.filter((what) => what === 'code' || what === 'name')
  const [replace, setReplace] = useState(again)
  const claim = useMutation({
    mutationFn: (instead: boolean) => send(box, form, instead),
    onSuccess: props.onMade,
  })
  const refused = claim.error === null ? null : readError(claim.error).code
  const change = (part: Partial<ClaimForm>) => {
    if (claim.isError) claim.reset()
    setForm((was) => ({ ...was, ...part }))
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (problems.length === 0 && !claim.isPending) claim.mutate(replace)
  }
  const suggestion = fleet.ready ? nextCode(fleet.rows.map(({ code }) => code)) : ''
  // Its old self stands in the way, and may be of the same tenant: that is for a person to say.
  const mayReplace = (refused === 'mac_taken' || refused === 'label_taken') && !replace && box.kind !== 'bind'
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Subject box={box} />
        {again && (
          <Note tone="yellow" title={t('claim.againTitle', { code: knock.gateway?.code ?? '' })}>
            {t('claim.againText')}
          </Note>
        )}
        <TextInput
          label={t('field.code')}
          description={t('field.codeHint')}
          value={form.code}
          error={
            shown.includes('code') || refused === 'code_taken'
              ? t(`problem.${refused === 'code_taken' ? 'codeTaken' : 'code'}`)
              : null
          }
          maxLength={30}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          onChange={(event) => change({ code: event.currentTarget.value })}
        />
        {form.code === '' && suggestion !== '' && (
          <button
            type="button"
            className={`link-button ${css.suggestion}`}
            onClick={() => change({ code: suggestion })}
          >
            {t('field.useCode', { code: suggestion })}
          </button>
        )}
        <TextInput
          label={t('field.name')}
          placeholder={t('field.namePlaceholder')}
          value={form.name}
          error={shown.includes('name') ? t('problem.name') : null}
          maxLength={100}
          autoComplete="off"
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <BecomesFields form={form} problems={shown} onChange={change} />
        {claim.error !== null && refused !== 'code_taken' && <ErrorNote error={claim.error} />}
        {mayReplace && (
          <Button
            onClick={() => {
              setReplace(true)
              claim.mutate(true)
            }}
          >
            {t('claim.replace')}
          </Button>
        )}
        <Group justify="flex-end">
          {props.onBack !== null && <Button onClick={props.onBack}>{t('common:action.back')}</Button>}
          <Button onClick={props.onCancel}>{t('common:action.cancel')}</Button>
          <Button type="submit" variant="filled" loading={claim.isPending}>
            {t(again ? 'panel.claimAgain' : 'panel.claim')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Which box it is, and all that is known of it. */
function Subject({ box }: { box: Box }) {
  const { t } = useTranslation('claims')
  const fleet = useFleet()
  if (box.kind === 'knock')
    return (
      <div className={css.boxed} role="region" aria-label={nameOf(box.knock)} tabIndex={0}>
        <KnockWarnings knock={box.knock} />
        <KnockFacts knock={box.knock} />
      </div>
    )
  const name = box.kind === 'label' ? box.label : box.kind === 'bind' ? box.bind.deviceId : null
  const gateway = fleet.rows.find(({ label, mac }) => name !== null && (label === name || mac === name))
  return (
    <>
      <p>
        {name === null ? t('claim.byToken') : t('claim.byName')}{' '}
        {name !== null && <b className="mono">{name}</b>}
      </p>
      {gateway !== undefined && (
        <Note
          tone="info"
          title={t('claim.isGateway', { code: gateway.code, name: gateway.name })}
          action={
            <Link to="/gateways/$gatewayId" params={{ gatewayId: gateway.id }}>
              {t('panel.open', { code: gateway.code })}
            </Link>
          }
        />
      )}
    </>
  )
}

function send(box: Box, form: ClaimForm, replace: boolean): Promise<Gateway> {
  const fields = fieldsOf(form)
  switch (box.kind) {
    case 'knock':
      return api.claims.accept({ ...fields, knock: box.knock.id, replace })
    case 'token':
      return api.claims.accept({ ...fields, token: box.token, replace })
    case 'label':
      return api.claims.accept({ ...fields, label: box.label, replace })
    case 'bind':
      return api.gateways.bindBox({ ...fields, ...box.bind })
    default:
      return assertNever(box)
  }
}
