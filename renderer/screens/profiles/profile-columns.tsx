import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { GatewayProfile } from '#contract/api/profiles.ts'
import { useDialectNames } from '#renderer/api/use-profiles.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import type { Column } from '#renderer/ui/table/column.ts'

/** @param several whether profiles of more than one tenant are shown */
export function useProfileColumns(several: boolean): Column<GatewayProfile>[] {
  const { t } = useTranslation(['profiles', 'connection'])
  const format = useFormat()
  const dialects = useDialectNames()
  return useMemo(() => {
    const titleOf = (dialect: string) => dialects.find(({ name }) => name === dialect)?.title ?? dialect
    const words = (
      id: 'name' | 'tenant' | 'dialect' | 'credential',
      width: string,
      of: (profile: GatewayProfile) => string,
    ): Column<GatewayProfile> => ({
      id,
      header: t(`column.${id}`),
      width,
      sortKey: (profile) => of(profile).toLocaleLowerCase(),
      cell: (profile) => (
        <span className={id === 'name' ? 'strong' : undefined} title={of(profile)}>
          {of(profile)}
        </span>
      ),
      text: of,
    })
    const figure = (
      id: 'rate' | 'devices' | 'gateways',
      of: (profile: GatewayProfile) => number | null,
    ): Column<GatewayProfile> => ({
      id,
      header: t(id === 'rate' ? 'column.rateShort' : `column.${id}`),
      width: '112px',
      align: 'right',
      firstDirection: 'descending',
      sortKey: of,
      cell: (profile) => {
        const value = of(profile)
        return value === null ? <span className="sub">{NOTHING}</span> : format.number(value)
      },
      text: (profile) => String(of(profile) ?? ''),
    })
    return [
      words('name', 'minmax(120px, 1.4fr)', ({ name }) => name),
      ...(several ? [words('tenant', 'minmax(110px, 1fr)', ({ tenant }) => tenant.name)] : []),
      words('dialect', 'minmax(120px, 1.2fr)', ({ dialect }) => titleOf(dialect)),
      words('credential', 'minmax(120px, 1.2fr)', ({ credential }) =>
        t(`connection:credentialIs.${credential}.title`),
      ),
      figure('rate', ({ messagesPerSecond }) => messagesPerSecond),
      figure('devices', ({ maxDevices }) => maxDevices),
      figure('gateways', ({ gateways }) => gateways),
    ]
  }, [t, format, dialects, several])
}

const phoneWidths: Record<string, string> = {
  name: 'minmax(96px, 1fr)',
  dialect: 'minmax(96px, 1fr)',
  gateways: '88px',
}

/** On a phone a row is its name, what is spoken, and how many have it. */
export function phoneColumns(columns: readonly Column<GatewayProfile>[]): Column<GatewayProfile>[] {
  return columns.flatMap((column) => {
    const width = phoneWidths[column.id]
    return width === undefined ? [] : [{ ...column, width }]
  })
}
