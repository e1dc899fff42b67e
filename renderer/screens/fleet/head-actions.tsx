import { Button, Checkbox, Popover } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '#renderer/api/use-session.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import css from './fleet.module.css'
import type { FleetColumn } from './use-columns.tsx'

export function HeadActions(props: {
  columns: readonly FleetColumn[]
  hidden: ReadonlySet<string>
  onToggleColumn(id: string): void
  onExport(): void
  empty: boolean
}) {
  const { t } = useTranslation('fleet')
  const mayAdd = useMay('gateways:write')
  return (
    <>
      {!props.empty && (
        <>
          <Popover position="bottom-end" shadow="none" trapFocus>
            <Popover.Target>
              <Button className={css.wideOnly ?? ''} leftSection={<Icon name="columns" />}>
                {t('columns')}
              </Button>
            </Popover.Target>
            <Popover.Dropdown>
              <div className={css.columnList}>
                {props.columns.map((column) => (
                  <Checkbox
                    key={column.id}
                    label={column.header}
                    // Without its code a gateway has no name to be called by.
                    disabled={column.id === 'code'}
                    checked={!props.hidden.has(column.id)}
                    onChange={() => props.onToggleColumn(column.id)}
                  />
                ))}
              </div>
            </Popover.Dropdown>
          </Popover>
          <Button className={css.wideOnly ?? ''} onClick={props.onExport}>
            {t('export')}
          </Button>
        </>
      )}
      <Button className={css.wideOnly ?? ''} renderRoot={(root) => <Link to="/fleet/profiles" {...root} />}>
        {t('profiles')}
      </Button>
      {mayAdd && (
        <Button className={css.wideOnly ?? ''} renderRoot={(root) => <Link to="/fleet/import" {...root} />}>
          {t('import')}
        </Button>
      )}
      {mayAdd && (
        <Button
          variant="filled"
          leftSection={<Icon name="plus" />}
          renderRoot={(root) => <Link to="/fleet/add" {...root} />}
        >
          {t('add')}
        </Button>
      )}
    </>
  )
}
