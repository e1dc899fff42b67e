import { TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import css from './setup.module.css'
import { StepForm, type StepProps, useFaults } from './step-form.tsx'
import { type Begun, proposedAddress } from './use-setup.ts'

/** Which of the machine's addresses gateways and browsers find. The first of the plant network is proposed. */
export function NetworkQuestion(props: StepProps & { machine: Begun | null }) {
  const { t } = useTranslation(['setup', 'common'])
  const { answers, change, machine } = props
  const faults = useFaults('network', answers)
  const proposed = proposedAddress(machine)
  const toggle = (address: string, on: boolean) =>
    change({
      addresses: on ? [...answers.addresses, address] : answers.addresses.filter((one) => one !== address),
    })
  const fault = faults.field('addresses').error
  return (
    <StepForm
      title={t('setup:network.title')}
      text={t('setup:network.text')}
      next={t('common:action.continue')}
      nextHint={t('setup:network.next')}
      onBack={props.onBack}
      onSubmit={() => (faults.valid ? props.onNext() : faults.tryNow())}
    >
      <div className={`${css.fields} ${css.wide}`}>
        <fieldset style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
          <legend className="visually-hidden">{t('setup:network.title')}</legend>
          <div className={css.options}>
            {machine?.addresses.map((one) => (
              <label key={one.address} className={css.option}>
                <input
                  type="checkbox"
                  checked={answers.addresses.includes(one.address)}
                  onChange={(event) => toggle(one.address, event.currentTarget.checked)}
                />
                <span>
                  <strong>{t(`setup:network.${one.kind}`)}</strong>
                  <span className="small sec">
                    {one.kind === 'loopback'
                      ? t('setup:network.loopbackHint')
                      : one === proposed
                        ? t('setup:network.recommended', { name: one.interface })
                        : t('setup:network.interface', { name: one.interface })}
                  </span>
                </span>
                <span className="mono sec">{one.address}</span>
              </label>
            ))}
          </div>
          {fault !== null && (
            <p className="small t-red" role="alert" style={{ marginTop: 4 }}>
              {fault}
            </p>
          )}
        </fieldset>
        <TextInput
          label={t('setup:network.name')}
          description={t('setup:network.nameHint')}
          placeholder={machine === null ? '' : `${machine.hostName.toLowerCase()}.local`}
          value={answers.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          maxLength={253}
          spellCheck={false}
          style={{ maxWidth: 320 }}
          {...faults.field('name')}
        />
      </div>
    </StepForm>
  )
}
