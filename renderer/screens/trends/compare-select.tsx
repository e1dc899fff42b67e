import { Button, Popover, Select, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '#renderer/ui/format.ts'
import { formatSpan, parseSpan } from './trend-address.ts'

const offsets = ['1h', '8h', '1d', '7d', '28d', '364d'] as const

/** What the same channels are compared with: an hour, a shift, yesterday, last week, any time before. */
export function CompareSelect({
  offset,
  onChange,
}: {
  offset: number | null
  onChange(offset: number | null): void
}) {
  const { t } = useTranslation('trends')
  const format = useFormat()
  const [asking, setAsking] = useState(false)
  const text = offset === null ? '' : formatSpan(offset)
  const isOwn = text !== '' && !offsets.some((one) => one === text)
  return (
    <Popover
      opened={asking}
      onChange={setAsking}
      position="bottom-start"
      trapFocus
      // The list has roles of its own.
      withRoles={false}
      withinPortal
      shadow="none"
    >
      <Popover.Target>
        <div>
          <Select
            size="xs"
            w={168}
            aria-label={t('compare.label')}
            allowDeselect={false}
            value={text === '' ? 'none' : text}
            data={[
              { value: 'none', label: t('compare.none') },
              ...offsets.map((value) => ({ value, label: t(`compare.${value}`) })),
              ...(isOwn && offset !== null
                ? [{ value: text, label: t('compare.with', { span: format.span(offset) }) }]
                : []),
              { value: 'own', label: t('compare.own') },
            ]}
            onChange={(value) => {
              if (value === 'own') setAsking(true)
              else onChange(parseSpan(value))
            }}
          />
        </div>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('compare.own')}>
        <OwnOffset
          offset={offset}
          onChange={(next) => {
            setAsking(false)
            onChange(next)
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}

function OwnOffset({ offset, onChange }: { offset: number | null; onChange(offset: number): void }) {
  const { t } = useTranslation('trends')
  const [text, setText] = useState(offset === null ? '2d' : formatSpan(offset))
  const [isTried, setTried] = useState(false)
  const span = parseSpan(text.trim().replace(/\s+/g, ''))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (span !== null) onChange(span)
  }
  return (
    <form onSubmit={submit} noValidate style={{ width: 220 }}>
      <Stack gap="sm">
        <TextInput
          label={t('compare.ownLabel')}
          description={t('compare.ownHint')}
          value={text}
          error={isTried && span === null ? t('compare.ownProblem') : null}
          onChange={(event) => setText(event.currentTarget.value)}
          data-autofocus
        />
        <Button type="submit" variant="filled">
          {t('compare.show')}
        </Button>
      </Stack>
    </form>
  )
}
