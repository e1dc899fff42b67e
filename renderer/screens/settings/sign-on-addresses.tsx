import { Button, Checkbox } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { SignOnFindings } from '#contract/api/sign-on.ts'
import { api } from '#renderer/api/client.ts'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import css from './sign-on.module.css'
import {
  type DestinationForm,
  listedDestinations,
  type ProviderForm,
  shownDestinations,
  typedOrigin,
} from './sign-on-form.ts'

/** Which addresses the site may call for the provider, and what the issuer answers. */
export function SignOnAddresses(props: {
  form: ProviderForm
  problem: string | null
  onChange(part: Partial<ProviderForm>): void
}) {
  const { t } = useTranslation('sign-on')
  const { form, problem, onChange } = props
  const test = useMutation({
    mutationFn: () =>
      api.signOn.test({
        issuer: form.issuer.trim(),
        destinations: listedDestinations(form),
        caCertificate: form.caCertificate.trim() === '' ? null : form.caCertificate,
      }),
    onSuccess: ({ unlisted }) => onChange({ destinations: shownDestinations(form, unlisted) }),
  })
  const put = (origin: string, part: Partial<DestinationForm>) =>
    onChange({
      destinations: form.destinations.map((one) => (one.origin === origin ? { ...one, ...part } : one)),
    })
  const origin = typedOrigin(form.issuer)
  const mayTest = form.destinations.some((one) => one.allowed && one.origin === origin)
  return (
    <fieldset className={css.part}>
      <legend>{t('addresses.title')}</legend>
      <p className="small sub">
        {form.destinations.length === 0 ? t('addresses.none') : t('addresses.text')}
      </p>
      {form.destinations.map((one) => (
        <div key={one.origin} className={css.address}>
          <Checkbox
            label={t('addresses.allow', { origin: one.origin })}
            checked={one.allowed}
            onChange={(event) => put(one.origin, { allowed: event.currentTarget.checked })}
          />
          <Checkbox
            label={t('addresses.inside')}
            aria-label={t('addresses.insideOf', { origin: one.origin })}
            checked={one.insideNetwork}
            disabled={!one.allowed}
            onChange={(event) => put(one.origin, { insideNetwork: event.currentTarget.checked })}
          />
        </div>
      ))}
      {problem !== null && <p className="small t-red">{problem}</p>}
      <div>
        <Button size="xs" disabled={!mayTest} loading={test.isPending} onClick={() => test.mutate()}>
          {t('addresses.test')}
        </Button>
      </div>
      {test.error !== null && <ErrorNote error={test.error} />}
      {test.data !== undefined && test.error === null && <Findings found={test.data} />}
    </fieldset>
  )
}

function Findings({ found }: { found: SignOnFindings }) {
  const { t } = useTranslation('sign-on')
  const list = (texts: readonly string[]) => (texts.length === 0 ? '–' : texts.join(', '))
  return (
    <>
      {found.unlisted.length > 0 ? (
        <Note tone="yellow" title={t('found.unlisted', { origins: found.unlisted.join(', ') })}>
          {t('found.unlistedTodo')}
        </Note>
      ) : (
        <Note tone="info" title={t('found.good')} />
      )}
      {found.pkce === false && <Note tone="yellow" title={t('found.noPkce')} />}
      <KeyValues
        pairs={[
          [
            t('found.issuer'),
            <span key="issuer" className={css.wrap}>
              {found.issuer}
            </span>,
          ],
          [
            t('found.authorize'),
            <span key="authorize" className={css.wrap}>
              {found.authorizationEndpoint}
            </span>,
          ],
          [t('found.keys'), `${found.keys} (${list(found.signingAlgorithms)})`],
          [
            t('found.scopes'),
            <span key="scopes" className={css.wrap}>
              {list(found.scopes)}
            </span>,
          ],
          [
            t('found.claims'),
            <span key="claims" className={css.wrap}>
              {list(found.claims)}
            </span>,
          ],
        ]}
      />
    </>
  )
}
