import { Checkbox, Select, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '#contract/api/firmware.ts'
import { useGroups } from '#renderer/api/use-groups.ts'
import { useProfiles } from '#renderer/api/use-profiles.ts'
import { useTenants } from '#renderer/app/tenant-scope.ts'
import { GroupSelect } from '#renderer/ui/group-select.tsx'
import css from './bench.module.css'
import type { SetupForm, SetupProblem } from './setup-form.ts'
import { useNextWords } from './use-next-words.ts'
import { WifiField } from './wifi-field.tsx'

const NONE = ''

export interface SetupFieldsProps {
  form: SetupForm
  /** Problems that are told: of fields that one has left, or of all after a try. */
  shown: ReadonlySet<SetupProblem>
  onChange(part: Partial<SetupForm>): void
  onLeft(problem: SetupProblem): void
}

/** What differs from one run to the next. */
export function MainFields(
  props: SetupFieldsProps & {
    bundles: readonly FirmwareBundle[]
    /** The first names that boards get. */
    names: readonly { code: string; name: string }[]
  },
) {
  const { t } = useTranslation('bench')
  const { form, shown, onChange, onLeft, bundles } = props
  const { tenants, several } = useTenants()
  const tenantId = form.tenant ?? (several ? null : (tenants[0]?.id ?? null))
  const groups = (useGroups().list ?? []).filter((group) => group.tenantId === tenantId)
  const profiles = (useProfiles().data ?? []).filter(({ tenant }) => tenant.id === tenantId)
  const bundle = bundles.find(({ id }) => id === form.bundleId)
  const fault = (problem: SetupProblem) => (shown.has(problem) ? t(`fault.${problem}`) : null)
  const nextWords = useNextWords()
  const areLimitsWrong = shown.has('limits')
  const [first, second] = props.names
  return (
    <>
      <Select
        label={t('setup.bundle')}
        description={bundle === undefined ? undefined : <BundleWords bundle={bundle} />}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        data={bundles.map(({ id, name, version }) => ({ value: id, label: `${name} ${version}` }))}
        value={form.bundleId}
        onChange={(bundleId) => onChange({ bundleId })}
        error={fault('bundle')}
        searchable={bundles.length > 6}
      />
      {several && (
        <Select
          label={t('setup.tenant')}
          data={tenants.map(({ id, name }) => ({ value: id, label: name }))}
          value={form.tenant}
          onChange={(tenant) => onChange({ tenant, group: null, profile: null, wifiId: null })}
          error={fault('tenant')}
        />
      )}
      {profiles.length > 0 && (
        <Select
          label={t('setup.profile')}
          data={[
            { value: NONE, label: t('setup.noProfile') },
            ...profiles.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={form.profile ?? NONE}
          onChange={(profile) => onChange({ profile: profile === NONE ? null : profile })}
        />
      )}
      {groups.length > 0 && (
        <GroupSelect
          label={t('setup.group')}
          groups={groups}
          value={form.group}
          none={t('setup.noGroup')}
          onChange={(group) => onChange({ group })}
        />
      )}
      <fieldset className={css.pair}>
        <legend className={css.label}>{t('setup.naming')}</legend>
        <TextInput
          aria-label={t('setup.codePattern')}
          classNames={{ input: 'mono' }}
          value={form.codePattern}
          maxLength={64}
          spellCheck={false}
          onChange={(event) => onChange({ codePattern: event.currentTarget.value })}
          onBlur={() => onLeft('codePattern')}
          error={fault('codePattern')}
        />
        <TextInput
          aria-label={t('setup.namePattern')}
          classNames={{ input: 'mono' }}
          value={form.namePattern}
          maxLength={200}
          spellCheck={false}
          onChange={(event) => onChange({ namePattern: event.currentTarget.value })}
          onBlur={() => onLeft('namePattern')}
          error={fault('namePattern')}
        />
        <p className={css.hint} aria-live="polite">
          {first === undefined
            ? t('setup.patternHint', { n: '{n:03}', mac: '{mac}', label: '{label}' })
            : nextWords(form, first, second)}
        </p>
      </fieldset>
      <WifiField tenant={form.tenant} value={form.wifiId} onChange={(wifiId) => onChange({ wifiId })} />
      <fieldset className={css.check}>
        <legend className={css.label}>{t('setup.check')}</legend>
        <TextInput
          aria-label={t('setup.checkChannel')}
          placeholder={t('setup.checkChannel')}
          value={form.channel}
          maxLength={128}
          spellCheck={false}
          onChange={(event) => onChange({ channel: event.currentTarget.value })}
          onBlur={() => onLeft('channel')}
          error={fault('channel')}
        />
        <TextInput
          aria-label={t('setup.checkLeast')}
          placeholder={t('setup.from')}
          inputMode="decimal"
          value={form.least}
          maxLength={20}
          onChange={(event) => onChange({ least: event.currentTarget.value })}
          onBlur={() => onLeft('limits')}
          error={areLimitsWrong}
        />
        <TextInput
          aria-label={t('setup.checkMost')}
          placeholder={t('setup.to')}
          inputMode="decimal"
          value={form.most}
          maxLength={20}
          onChange={(event) => onChange({ most: event.currentTarget.value })}
          onBlur={() => onLeft('limits')}
          error={areLimitsWrong}
        />
        <p className={css.hint} data-fault={areLimitsWrong || undefined}>
          {areLimitsWrong ? t('fault.limits') : t('setup.checkHint')}
        </p>
      </fieldset>
      <fieldset className={css.boxes}>
        <legend className={css.label}>{t('setup.plugged')}</legend>
        <Checkbox
          label={t('setup.startByItself')}
          checked={form.startByItself}
          onChange={(event) => onChange({ startByItself: event.currentTarget.checked })}
        />
        <Checkbox
          label={t('setup.label')}
          checked={form.labels.as !== 'none'}
          onChange={(event) =>
            onChange({ labels: { ...form.labels, as: event.currentTarget.checked ? 'pdf' : 'none' } })
          }
        />
        <Checkbox
          label={t('setup.eraseAll')}
          checked={form.eraseAll}
          onChange={(event) => onChange({ eraseAll: event.currentTarget.checked })}
        />
      </fieldset>
    </>
  )
}

/** `Signed by Plant tools, ESP32, ESP32-S3`. */
function BundleWords({ bundle }: { bundle: FirmwareBundle }) {
  const { t } = useTranslation('bench')
  return (
    <span>
      <span className={bundle.trust === 'signed' ? undefined : 't-orange'}>
        {bundle.trust === 'signed' && bundle.publisher !== null
          ? t('setup.signedBy', { publisher: bundle.publisher.name })
          : t(`signature.${bundle.trust}`)}
      </span>
      {', '}
      {bundle.chips.join(', ')}
      {bundle.isSimulated && <span className="t-magenta">, {t('setup.simulatedOnly')}</span>}
    </span>
  )
}
