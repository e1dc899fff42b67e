import { Button, Checkbox, Group, Modal, PasswordInput, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SignOnProvider } from '#contract/api/sign-on.ts'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import css from './sign-on.module.css'
import { SignOnAddresses } from './sign-on-addresses.tsx'
import {
  type ProviderForm,
  type ProviderProblems,
  providerFormOf,
  providerInput,
  providerProblems,
  shownDestinations,
} from './sign-on-form.ts'
import { SignOnMappings } from './sign-on-mappings.tsx'
import { signOnChanged } from './sign-on-queries.ts'
import { SignOnRedirects } from './sign-on-redirects.tsx'

/** Adds or changes a provider; a new one then shows what has to be registered there. */
export function SignOnDialog({ edited, onClose }: { edited: SignOnProvider | null; onClose(): void }) {
  const { t } = useTranslation(['sign-on', 'common'])
  useFocusBack()
  const [made, setMade] = useState<SignOnProvider | null>(null)
  const title =
    made !== null
      ? t('made', { name: made.name })
      : edited === null
        ? t('add')
        : t('edit', { name: edited.name })
  return (
    <Modal
      opened
      size={760}
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      {made === null ? (
        <SignOnForm edited={edited} onClose={onClose} onMade={setMade} />
      ) : (
        <Stack gap="md">
          <SignOnRedirects uris={made.redirectUris} />
          <Group justify="flex-end">
            <Button variant="filled" onClick={onClose} data-autofocus>
              {t('common:action.close')}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}

function SignOnForm(props: {
  edited: SignOnProvider | null
  onClose(): void
  onMade(made: SignOnProvider): void
}) {
  const { t } = useTranslation(['sign-on', 'common'])
  const { edited, onClose, onMade } = props
  const [form, setForm] = useState(() => providerFormOf(edited))
  const [tried, setTried] = useState(false)
  const problems = providerProblems(form)
  const save = useMutation({
    mutationFn: () =>
      edited === null
        ? api.signOn.create(providerInput(form))
        : api.signOn.update({ providerId: edited.id, ...providerInput(form) }),
    onSuccess: (provider) => (edited === null ? onMade(provider) : onClose()),
    onSettled: signOnChanged,
  })
  const change = (part: Partial<ProviderForm>) => setForm((was) => ({ ...was, ...part }))
  const problemOf = (field: keyof ProviderProblems) =>
    tried && problems[field] !== undefined ? t(`problem.${problems[field]}`) : null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.keys(problems).length === 0) save.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <div className={css.pair}>
          <TextInput
            label={t('form.name')}
            description={t('form.nameHint')}
            value={form.name}
            maxLength={60}
            error={problemOf('name')}
            data-autofocus
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <TextInput
            label={t('form.issuer')}
            description={t('form.issuerHint')}
            value={form.issuer}
            maxLength={300}
            spellCheck={false}
            error={problemOf('issuer')}
            onChange={(event) => {
              const issuer = event.currentTarget.value
              setForm((was) => ({ ...was, issuer, destinations: shownDestinations({ ...was, issuer }) }))
            }}
          />
          <TextInput
            label={t('form.clientId')}
            value={form.clientId}
            maxLength={300}
            spellCheck={false}
            error={problemOf('clientId')}
            onChange={(event) => change({ clientId: event.currentTarget.value })}
          />
          <PasswordInput
            label={t('form.secret')}
            placeholder={edited?.hasSecret === true ? t('form.secretKept') : ''}
            value={form.secret}
            maxLength={1_000}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': t('form.show') }}
            onChange={(event) => change({ secret: event.currentTarget.value })}
          />
        </div>
        <SignOnAddresses form={form} problem={problemOf('destinations')} onChange={change} />
        {edited !== null && <SignOnRedirects uris={edited.redirectUris} />}
        <fieldset className={css.part}>
          <legend>{t('form.people')}</legend>
          <Checkbox
            label={t('form.makesAccounts')}
            description={t('form.makesAccountsHint')}
            checked={form.makesAccounts}
            onChange={(event) => change({ makesAccounts: event.currentTarget.checked })}
          />
          <Checkbox
            label={t('form.trustsEmail')}
            description={t('form.trustsEmailHint')}
            checked={form.trustsEmail}
            onChange={(event) => change({ trustsEmail: event.currentTarget.checked })}
          />
          <div className={css.pair}>
            <TextInput
              label={t('form.scopes')}
              description={t('form.scopesHint')}
              value={form.scopes}
              maxLength={500}
              spellCheck={false}
              onChange={(event) => change({ scopes: event.currentTarget.value })}
            />
            <TextInput
              label={t('form.groupClaim')}
              description={t('form.groupClaimHint')}
              value={form.groupClaim}
              maxLength={200}
              spellCheck={false}
              onChange={(event) => change({ groupClaim: event.currentTarget.value })}
            />
          </div>
        </fieldset>
        <SignOnMappings form={form} problem={problemOf('mappings')} onChange={change} />
        <Textarea
          label={t('form.ca')}
          description={t('form.caHint')}
          placeholder="-----BEGIN CERTIFICATE-----"
          value={form.caCertificate}
          autosize
          minRows={2}
          maxRows={6}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          onChange={(event) => change({ caCertificate: event.currentTarget.value })}
        />
        <Checkbox
          label={t('form.enabled')}
          checked={form.enabled}
          onChange={(event) => change({ enabled: event.currentTarget.checked })}
        />
        {save.error !== null && <ErrorNote error={save.error} />}
        <Group justify="flex-end">
          <Button onClick={onClose}>{t('common:action.cancel')}</Button>
          <Button type="submit" variant="filled" loading={save.isPending}>
            {t('common:action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
