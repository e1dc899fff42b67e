import { Button, Select, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './monitor.module.css'

const ends = { lf: '\n', crlf: '\r\n', cr: '\r', none: '' } as const
type End = keyof typeof ends
const KEPT = 50

/** A line to the board. Arrow up brings back what was sent before. */
export function SendLine({ monitorId }: { monitorId: string | null }) {
  const { t } = useTranslation('bench')
  const [text, setText] = useState('')
  const [end, setEnd] = useState<End>('lf')
  const sent = useRef<string[]>([])
  const back = useRef(0)
  const send = useMutation({
    mutationFn: (id: string) => api.bench.sendToBoard({ monitorId: id, text, end: ends[end] }),
    onSuccess: () => {
      if (text !== '') sent.current = [...sent.current.filter((one) => one !== text), text].slice(-KEPT)
      back.current = 0
      setText('')
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (monitorId !== null && !send.isPending) send.mutate(monitorId)
  }
  const recall = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    const next = back.current + (event.key === 'ArrowUp' ? 1 : -1)
    back.current = Math.min(sent.current.length, Math.max(0, next))
    setText(back.current === 0 ? '' : (sent.current.at(-back.current) ?? ''))
  }
  return (
    <form className={css.send} onSubmit={submit} noValidate>
      <TextInput
        className={css.sendField ?? ''}
        classNames={{ input: 'mono' }}
        aria-label={t('monitor.sendLabel')}
        placeholder={t('monitor.sendLabel')}
        value={text}
        maxLength={4_096}
        autoComplete="off"
        spellCheck={false}
        disabled={monitorId === null}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={recall}
      />
      <Select
        w={124}
        aria-label={t('monitor.end')}
        data={(Object.keys(ends) as End[]).map((value) => ({ value, label: t(`monitor.ends.${value}`) }))}
        value={end}
        onChange={(value) => setEnd(value ?? 'lf')}
      />
      <Button type="submit" variant="filled" disabled={monitorId === null} loading={send.isPending}>
        {t('monitor.send')}
      </Button>
      {send.error !== null && <ErrorNote error={send.error} />}
    </form>
  )
}
