import { Button, SegmentedControl, Select, TagsInput } from '@mantine/core'
import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Calendar } from '#contract/api/site.ts'
import { api, queryClient } from '#renderer/api/client.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { Card, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { shiftsOf, timeZones } from './calendar-input.ts'
import css from './settings.module.css'

const calendarQuery = queryOptions({
  queryKey: ['site', 'calendar'],
  queryFn: ({ signal }) => api.site.calendar(undefined, { signal }),
})

const weekStarts = ['monday', 'sunday', 'saturday'] as const

/** Time zone, shifts and start of the week: how reports of this plant are cut. */
export function CalendarCard() {
  const { t } = useTranslation('settings')
  const { data, error, refetch } = useQuery(calendarQuery)
  return (
    <Card title={t('calendar.title')}>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data === undefined ? (
        error === null && <Skeleton />
      ) : (
        <CalendarForm key={JSON.stringify(data)} saved={data} />
      )}
    </Card>
  )
}

function CalendarForm({ saved }: { saved: Calendar }) {
  const { t } = useTranslation(['settings', 'common'])
  const may = useMay('site:write')
  const [form, setForm] = useState(saved)
  const { shifts, wrong } = shiftsOf(form.shiftStarts)
  const next = { ...form, shiftStarts: shifts }
  const isSame = JSON.stringify(next) === JSON.stringify(saved)
  const save = useMutation({
    mutationFn: () => api.site.updateCalendar(next),
    onSuccess: (calendar) => queryClient.setQueryData(calendarQuery.queryKey, calendar),
  })
  const change = (part: Partial<Calendar>) => setForm((was) => ({ ...was, ...part }))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (wrong === null && !isSame) save.mutate()
  }
  return (
    <form className={css.form} onSubmit={submit} noValidate>
      <Select
        label={t('calendar.timeZone')}
        description={t('calendar.timeZoneHint')}
        data={timeZones(saved.timeZone)}
        value={form.timeZone}
        readOnly={!may}
        searchable
        allowDeselect={false}
        limit={200}
        onChange={(timeZone) => timeZone !== null && change({ timeZone })}
      />
      <TagsInput
        label={t('calendar.shifts')}
        description={t('calendar.shiftsHint')}
        value={form.shiftStarts}
        readOnly={!may}
        maxTags={12}
        splitChars={[',', ' ', ';']}
        acceptValueOnBlur
        error={wrong === null ? null : t('calendar.shiftWrong', { value: wrong })}
        onChange={(shiftStarts) => change({ shiftStarts: shiftsOf(shiftStarts).shifts })}
      />
      <div>
        <span className={css.label} id="week-start">
          {t('calendar.weekStart')}
        </span>
        <SegmentedControl
          aria-labelledby="week-start"
          value={form.weekStart}
          disabled={!may}
          data={weekStarts.map((day) => ({ value: day, label: t(`calendar.day.${day}`) }))}
          onChange={(weekStart) => change({ weekStart })}
        />
      </div>
      {save.error !== null && <ErrorNote error={save.error} />}
      {may && (
        <div className={css.row}>
          <Button type="submit" variant="filled" disabled={isSame || wrong !== null} loading={save.isPending}>
            {t('common:action.save')}
          </Button>
        </div>
      )}
    </form>
  )
}
