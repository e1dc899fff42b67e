import { Button, Modal, SegmentedControl, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Calculation } from '#contract/api/calculations.ts'
import { api } from '#renderer/api/client.ts'
import { useErrorText } from '#renderer/api/error-text.ts'
import { useFleet } from '#renderer/api/fleet-store.ts'
import { useMay, useMe, useSite } from '#renderer/api/use-session.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import css from './calculation.module.css'
import { type CalculationForm, formOf, inputOf, problemOf } from './calculation-form.ts'
import { CalculationPreview } from './calculation-preview.tsx'
import { ExpressionField } from './expression-field.tsx'
import { useCalculationPreview } from './use-calculation-preview.ts'
import { calculationsChanged, useCalculations } from './use-calculations.ts'
import type { TrendChannel } from './use-trend-channels.ts'

export interface CalculationDialogProps {
  /** The one to change; null to make a new one. */
  calculation: Calculation | null
  /** What can be picked as input. */
  channels: readonly TrendChannel[]
  onClose(): void
  /** It was made or changed; the list is fetched anew already. */
  onSaved?(calculation: Calculation): void
  onDeleted?(calculation: Calculation): void
}

/** Name, unit and expression of a calculated channel, with a preview of what it gives. */
export function CalculationDialog(props: CalculationDialogProps) {
  const { t } = useTranslation(['calculations', 'common'])
  useFocusBack()
  const { calculation } = props
  const may = useMay('dashboards:write')
  const errorText = useErrorText()
  const [form, setForm] = useState(() => formOf(calculation))
  const [isTried, setTried] = useState(false)
  const { tenant, tenants, choose } = useTenant(calculation)
  const preview = useCalculationPreview({
    calculation,
    tenant,
    expression: form.expression,
    basis: form.basis,
    ready: tenants.length === 0 || tenant !== null,
  })
  const names = useNames(props.channels, calculation, tenant)
  const change = (next: Partial<CalculationForm>) => setForm((was) => ({ ...was, ...next }))
  const save = useMutation({
    mutationFn: () =>
      calculation === null
        ? api.calculations.create({ ...inputOf(form), ...(tenant !== null && { tenant }) })
        : api.calculations.update({ calculationId: calculation.id, ...inputOf(form) }),
    onSuccess(saved) {
      calculationsChanged()
      props.onSaved?.(saved)
      props.onClose()
    },
  })
  const failure = preview.isFetching ? null : preview.error
  const problem = failure === null ? null : problemOf(failure)
  const otherError = failure !== null && problem === null ? errorText(failure).what : null
  const missing = {
    name: form.name.trim() === '' ? t('nameMissing') : null,
    expression: form.expression.trim() === '' ? t('problem.empty') : null,
    tenant: tenants.length > 0 && tenant === null ? t('tenantMissing') : null,
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.values(missing).every((one) => one === null)) save.mutate()
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
      title={t(calculation === null ? 'new' : may ? 'edit' : 'show')}
      size="lg"
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput
              label={t('name')}
              value={form.name}
              maxLength={100}
              readOnly={!may}
              error={isTried ? missing.name : null}
              onChange={(event) => change({ name: event.currentTarget.value })}
              data-autofocus
            />
            <TextInput
              label={t('unit')}
              value={form.unit}
              maxLength={20}
              placeholder="kW"
              readOnly={!may}
              onChange={(event) => change({ unit: event.currentTarget.value })}
            />
          </SimpleGrid>
          {tenants.length > 0 && (
            <Select
              label={t('tenant')}
              data={tenants.map(({ slug, name }) => ({ value: slug, label: name }))}
              value={tenant}
              error={isTried ? missing.tenant : null}
              onChange={choose}
            />
          )}
          <ExpressionField
            value={form.expression}
            names={names}
            problem={problem}
            error={otherError ?? (isTried ? missing.expression : null)}
            readOnly={!may}
            onChange={(expression) => change({ expression })}
          />
          <div>
            <SegmentedControl
              aria-label={t('basis.label')}
              value={form.basis}
              disabled={!may}
              data={[
                { value: 'average', label: t('basis.average') },
                { value: 'last', label: t('basis.last') },
              ]}
              onChange={(basis) => change({ basis })}
            />
            <p className={`${css.hint} small sub`}>{t('basis.hint')}</p>
          </div>
          <section aria-label={t('preview.label')} aria-live="polite">
            <CalculationPreview
              buckets={form.expression.trim() === '' ? undefined : preview.data?.buckets}
              from={preview.data?.from ?? 0}
              to={preview.data?.to ?? 1}
              unit={form.unit.trim()}
            />
          </section>
          {save.error !== null && problemOf(save.error) === null && <ErrorNote error={save.error} />}
          {may && (
            <div className={css.row}>
              {calculation !== null && (
                <DeleteButton
                  calculation={calculation}
                  onDeleted={() => {
                    props.onDeleted?.(calculation)
                    props.onClose()
                  }}
                />
              )}
              <Button onClick={props.onClose}>{t('common:action.cancel')}</Button>
              <Button type="submit" variant="filled" loading={save.isPending}>
                {t('common:action.save')}
              </Button>
            </div>
          )}
        </Stack>
      </form>
    </Modal>
  )
}

/** Asks once more: there is no way back. */
function DeleteButton({ calculation, onDeleted }: { calculation: Calculation; onDeleted(): void }) {
  const { t } = useTranslation(['calculations', 'common'])
  const [isAsked, setAsked] = useState(false)
  const remove = useMutation({
    mutationFn: () => api.calculations.delete({ calculationId: calculation.id }),
    onSuccess() {
      calculationsChanged()
      onDeleted()
    },
  })
  return (
    <div className={css.start}>
      <Button
        color="red"
        variant={isAsked ? 'filled' : 'default'}
        loading={remove.isPending}
        onClick={() => (isAsked ? remove.mutate() : setAsked(true))}
        onBlur={() => setAsked(false)}
      >
        {t(isAsked ? 'delete.sure' : 'delete.button', { name: calculation.name })}
      </Button>
      {remove.error !== null && <ErrorNote error={remove.error} />}
    </div>
  )
}

/** Whose it will be: asked of people of the whole site, where there are several tenants. */
function useTenant(calculation: Calculation | null) {
  const tenants = useSite()?.tenants ?? []
  const isOfSite = useMe()?.tenantId === null
  const [chosen, choose] = useState<string | null>(null)
  const isAsked = calculation === null && isOfSite && tenants.length > 1
  return { tenants: isAsked ? tenants : [], tenant: isAsked ? chosen : null, choose }
}

/** Channels and other calculations, as an expression writes them. */
function useNames(
  channels: readonly TrendChannel[],
  calculation: Calculation | null,
  tenantSlug: string | null,
) {
  const { t } = useTranslation('calculations')
  const calculations = useCalculations().all
  const gateways = useFleet().byId
  const tenants = useSite()?.tenants
  const tenantId = calculation?.tenantId ?? tenants?.find(({ slug }) => slug === tenantSlug)?.id
  const word = t('expression.calculated')
  return useMemo(() => {
    const isOwn = (id: string | undefined) => tenantId === undefined || id === tenantId
    const measured = channels
      .filter(({ kind, gatewayId }) => kind !== 'text' && isOwn(gateways.get(gatewayId)?.tenantId))
      .map(({ gatewayCode, gatewayName, key, name }) => ({
        text: `${gatewayCode}/${key}`,
        label: `${gatewayCode} ${name}`,
        group: `${gatewayCode} ${gatewayName}`,
      }))
    const others = calculations
      .filter((other) => other.id !== calculation?.id && isOwn(other.tenantId))
      .map(({ name }) => ({ text: `=${name}`, label: `=${name}`, group: word }))
    // An option stands once, however often a channel of one name came.
    return [...new Map([...others, ...measured].map((one) => [one.text, one])).values()]
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- gateways change with every reading, their tenants hardly
  }, [channels, calculations, calculation, tenantId, word])
}
