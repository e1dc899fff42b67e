import { Checkbox } from '@mantine/core'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Permission } from '#contract/model/permission.ts'
import { usePermissionWords } from '#renderer/ui/permission-words.ts'
import css from './api-keys.module.css'

/** What a key may do: only what the person holds, by area. */
export function ScopeField(props: {
  offered: readonly Permission[]
  value: readonly Permission[]
  error: string | null
  onChange(scopes: Permission[]): void
}) {
  const { t } = useTranslation('api-keys')
  const { areasOf, nameOf } = usePermissionWords()
  const { offered, value, onChange } = props
  const errorId = useId()
  const reading = offered.filter((permission) => permission.endsWith(':read'))
  return (
    <fieldset className={css.scopes} aria-describedby={props.error === null ? undefined : errorId}>
      <legend>{t('field.scopes')}</legend>
      <p className={css.quick}>
        <button type="button" className="link-button" onClick={() => onChange([...reading])}>
          {t('field.onlyReading')}
        </button>
        <button type="button" className="link-button" onClick={() => onChange([...offered])}>
          {t('field.everything')}
        </button>
        <button type="button" className="link-button" onClick={() => onChange([])}>
          {t('field.nothing')}
        </button>
      </p>
      {props.error !== null && (
        <p id={errorId} className="small t-red" role="alert">
          {props.error}
        </p>
      )}
      <div className={css.areas}>
        {areasOf(offered).map((area) => (
          <fieldset key={area.id} className={css.area}>
            <legend>{area.name}</legend>
            {area.permissions.map((permission) => (
              <Checkbox
                key={permission}
                size="xs"
                label={nameOf(permission)}
                title={permission}
                checked={value.includes(permission)}
                onChange={(event) => {
                  const others = value.filter((one) => one !== permission)
                  onChange(event.currentTarget.checked ? [...others, permission] : others)
                }}
              />
            ))}
          </fieldset>
        ))}
      </div>
    </fieldset>
  )
}
