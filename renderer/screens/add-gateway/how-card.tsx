import { Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { GatewayProfile } from '#contract/api/profiles.ts'
import { credentialKinds } from '#contract/model/gateway.ts'
import { DialectSelect } from '#renderer/ui/dialect-select.tsx'
import { Card } from '#renderer/ui/layout.tsx'
import css from './add-gateway.module.css'
import { Choices } from './choices.tsx'
import { credentialOf, type GatewayForm } from './gateway-form.ts'

const NONE = ''

/** Profile, credential, key and dialect: with a profile, what is left alone is as it says. */
export function HowCard(props: {
  form: GatewayForm
  /** Of the tenant that is chosen. */
  profiles: readonly GatewayProfile[]
  dialectError: string | null
  onChange(next: Partial<GatewayForm>): void
}) {
  const { t } = useTranslation(['add-gateway', 'connection'])
  const { form, profiles, onChange } = props
  const profile = profiles.find(({ id }) => id === form.profile)
  const credential = credentialOf(form, profile)
  const chosen = profile === undefined ? credential : (form.credential ?? 'profile')
  return (
    <Card title={t('how.title')}>
      <div className={css.fields}>
        {profiles.length > 0 && (
          <Select
            label={t('profile.label')}
            description={t('profile.hint')}
            data={[
              { value: NONE, label: t('profile.none') },
              ...profiles.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            value={form.profile ?? NONE}
            onChange={(value) =>
              onChange(
                value === null || value === NONE
                  ? { profile: null, dialect: form.dialect ?? 'canonical' }
                  : { profile: value, dialect: null, credential: null },
              )
            }
            allowDeselect={false}
            searchable={profiles.length > 6}
          />
        )}
        <Choices
          legend={t('credential.label')}
          name="credential"
          value={chosen}
          onChange={(value) => onChange({ credential: value === 'profile' ? null : value })}
          options={[
            ...(profile === undefined
              ? []
              : [
                  {
                    value: 'profile' as const,
                    title: t('credential.ofProfile'),
                    text: t(`connection:credentialIs.${profile.credential}.title`),
                  },
                ]),
            ...credentialKinds.map((kind) => ({
              value: kind,
              title: t(`connection:credentialIs.${kind}.title`),
              text: t(`connection:credentialIs.${kind}.text`),
            })),
          ]}
        />
        {credential !== 'secret' && (profile === undefined || form.credential !== null) && (
          <Choices
            legend={t('key.label')}
            name="key"
            value={form.key}
            onChange={(key) => onChange({ key })}
            options={[
              { value: 'ec' as const, title: t('key.ec.title'), text: t('key.ec.text') },
              { value: 'rsa' as const, title: t('key.rsa.title'), text: t('key.rsa.text') },
            ]}
          />
        )}
        <DialectSelect
          label={t('dialect.label')}
          description={t('dialect.hint')}
          value={form.dialect}
          ofProfile={profile === undefined ? undefined : t('dialect.ofProfile', { dialect: profile.dialect })}
          error={props.dialectError}
          onChange={(dialect) => onChange({ dialect })}
        />
      </div>
    </Card>
  )
}
