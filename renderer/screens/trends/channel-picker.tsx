import { Button, Combobox, Pill, PillsInput, useCombobox } from '@mantine/core'
import { memo, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSlashFocus } from '#renderer/ui/table/data-table.tsx'
import { findChannels, MOST_CHANNELS } from './trend-search.ts'
import css from './trends.module.css'
import type { TrendChannel } from './use-trend-channels.ts'

/** Shown at once; a longer word finds the others. */
const OPTIONS = 100

/** Finds channels across gateways and adds them; typing filters, Enter adds, Backspace takes the last away. */
export const ChannelPicker = memo(function ChannelPicker(props: {
  all: readonly TrendChannel[]
  chosen: readonly string[]
  onChange(ids: string[]): void
  /** Makes a calculated channel; undefined for those who may not. */
  onCalculate?: (() => void) | undefined
}) {
  const { t } = useTranslation('trends')
  const [query, setQuery] = useState('')
  const slash = useSlashFocus()
  const combobox = useCombobox({
    onDropdownClose: () => combobox.resetSelectedOption(),
    onDropdownOpen: () => combobox.selectFirstOption(),
  })
  const opened = combobox.dropdownOpened
  const found = useMemo(
    () => (opened ? findChannels(props.all, query, OPTIONS) : []),
    [opened, props.all, query],
  )
  const full = props.chosen.length >= MOST_CHANNELS
  const toggle = (id: string) => {
    if (props.chosen.includes(id)) props.onChange(props.chosen.filter((other) => other !== id))
    else if (!full) props.onChange([...props.chosen, id])
    setQuery('')
  }
  const groups = Map.groupBy(found, (channel) => channel.gatewayCode)
  return (
    <Combobox store={combobox} onOptionSubmit={toggle} shadow="none" withinPortal>
      <Combobox.DropdownTarget>
        <PillsInput className={css.picker ?? ''} onClick={() => combobox.openDropdown()} size="sm">
          <Pill.Group>
            {props.chosen.length > 0 && (
              <Pill className={css.count ?? ''}>{t('picker.count', { count: props.chosen.length })}</Pill>
            )}
            <Combobox.EventsTarget withExpandedAttribute>
              <PillsInput.Field
                ref={slash}
                value={query}
                placeholder={full ? t('picker.full', { count: MOST_CHANNELS }) : t('picker.placeholder')}
                aria-label={t('picker.label')}
                // oxlint-disable-next-line jsx-a11y/role-has-required-aria-props -- EventsTarget sets them
                role="combobox"
                onFocus={() => combobox.openDropdown()}
                onBlur={() => combobox.closeDropdown()}
                onChange={(event) => {
                  setQuery(event.currentTarget.value)
                  combobox.openDropdown()
                  combobox.updateSelectedOptionIndex()
                }}
                onKeyDown={(event) => {
                  if (event.key !== 'Backspace' || query !== '' || props.chosen.length === 0) return
                  event.preventDefault()
                  props.onChange(props.chosen.slice(0, -1))
                }}
              />
            </Combobox.EventsTarget>
          </Pill.Group>
        </PillsInput>
      </Combobox.DropdownTarget>
      <Combobox.Dropdown>
        <Combobox.Options className={css.options ?? ''} aria-label={t('picker.label')}>
          {[...groups].map(([code, channels]) => (
            <Combobox.Group key={code} label={`${code} ${channels[0]?.gatewayName ?? ''}`.trim()}>
              {channels.map((channel) => {
                const chosen = props.chosen.includes(channel.id)
                return (
                  <Combobox.Option
                    key={channel.id}
                    value={channel.id}
                    active={chosen}
                    disabled={full && !chosen}
                  >
                    <span className={css.option}>
                      <span aria-hidden="true">{chosen ? '✓' : ''}</span>
                      <span className="ellipsis">{channel.name}</span>
                      <span className="sub">{channel.unit ?? ''}</span>
                    </span>
                  </Combobox.Option>
                )
              })}
            </Combobox.Group>
          ))}
          {opened && found.length === 0 && <Combobox.Empty>{t('picker.nothing', { query })}</Combobox.Empty>}
        </Combobox.Options>
        {(found.length === OPTIONS || props.onCalculate !== undefined) && (
          <Combobox.Footer className={css.pickerFoot ?? ''}>
            {found.length === OPTIONS && <span className="sub small">{t('picker.more')}</span>}
            {props.onCalculate !== undefined && (
              <Button
                size="xs"
                // The field would lose the focus, and the list close, before the click.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => {
                  combobox.closeDropdown()
                  props.onCalculate?.()
                }}
              >
                {t('calculated.new')}
              </Button>
            )}
          </Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  )
})
