import { Button, Select, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Empty, Page } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { saveFile } from '#renderer/ui/save-file.ts'
import { useSlashFocus } from '#renderer/ui/table/data-table.tsx'
import css from './monitor.module.css'
import { filterLines, linesText, type MonitorLine } from './monitor-lines.ts'
import { MonitorList } from './monitor-list.tsx'
import { SendLine } from './send-line.tsx'
import { type Monitor, useMonitor } from './use-monitor.ts'

const bauds = [9_600, 74_880, 115_200, 230_400, 460_800, 921_600] as const
const USUAL = 115_200

/** What the board on a port says, with what it means; and what is said to it. */
export function MonitorScreen() {
  const { t } = useTranslation('bench')
  const may = useMay('gateways:flash')
  const { port }: { port?: string } = useParams({ strict: false })
  const name = port ?? ''
  return may ? (
    <OpenMonitor key={name} port={name} />
  ) : (
    <Page title={t('monitor.title', { name })}>
      <Empty title={t('forbidden.title')} text={t('forbidden.text')} />
    </Page>
  )
}

function OpenMonitor({ port }: { port: string }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const { baud: asked }: { baud?: unknown } = useSearch({ strict: false })
  const baud = bauds.find((one) => one === Number(asked)) ?? USUAL
  const navigate = useNavigate()
  const monitor = useMonitor(port, baud, false)
  const [held, setHeld] = useState<readonly MonitorLine[] | null>(null)
  const [filter, setFilter] = useState('')
  const field = useSlashFocus()
  const deferred = useDeferredValue(filter)
  const all = held ?? monitor.lines
  const shown = useMemo(() => filterLines(all, deferred), [all, deferred])
  return (
    <Page
      flush
      title={t('monitor.title', { name: port })}
      heading={
        <>
          <Link to="/bench" className="sub">
            {t('title')}
          </Link>
          <span className="sub" aria-hidden="true">
            /
          </span>
          <h1>{t('monitor.title', { name: port })}</h1>
        </>
      }
      actions={
        <>
          <TextInput
            ref={field}
            className={css.filter ?? ''}
            aria-label={t('monitor.filter')}
            placeholder={t('monitor.filter')}
            value={filter}
            maxLength={200}
            spellCheck={false}
            onChange={(event) => setFilter(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setFilter('')
            }}
          />
          <Select
            w={148}
            aria-label={t('monitor.baud')}
            data={bauds.map((value) => ({
              value: String(value),
              label: t('setup.baud', { speed: format.integer(value) }),
            }))}
            value={String(baud)}
            onChange={(value) =>
              void navigate({
                to: '.',
                search: (before: Record<string, unknown>) => ({
                  ...before,
                  baud: value === String(USUAL) ? undefined : Number(value),
                }),
                replace: true,
              } as never)
            }
          />
          <Button
            leftSection={<Icon name={held === null ? 'pause' : 'play'} size={14} />}
            aria-pressed={held !== null}
            onClick={() => setHeld(held === null ? monitor.lines : null)}
          >
            {t(held === null ? 'monitor.pause' : 'monitor.resume')}
          </Button>
          <ResetButton monitor={monitor} />
          <Button
            onClick={() => {
              monitor.clear()
              setHeld(null)
            }}
          >
            {t('monitor.clear')}
          </Button>
          <Button
            leftSection={<Icon name="download" size={14} />}
            disabled={all.length === 0}
            onClick={() => void saveFile(`monitor-${port}.txt`, linesText(all), 'text/plain')}
          >
            {t('monitor.save')}
          </Button>
        </>
      }
    >
      {monitor.error !== null && (
        <div className={css.inset}>
          <ErrorNote error={monitor.error} onRetry={monitor.again} />
        </div>
      )}
      <p className={`${css.status} small sec`} role="status">
        {monitor.monitorId === null ? t('monitor.closed') : t('monitor.open', { port })}
        {held !== null && <> · {t('monitor.paused', { count: monitor.lines.length - held.length })}</>}
        {monitor.dropped > 0 && (
          <span className="t-yellow"> · {t('monitor.dropped', { count: monitor.dropped })}</span>
        )}
        {deferred !== '' && (
          <>
            {' '}
            ·{' '}
            {t('monitor.matching', { shown: format.integer(shown.length), all: format.integer(all.length) })}
          </>
        )}
      </p>
      <MonitorList lines={shown} follows={held === null} />
      <SendLine monitorId={monitor.monitorId} />
    </Page>
  )
}

function ResetButton({ monitor }: { monitor: Monitor }) {
  const { t } = useTranslation('bench')
  const reset = useMutation({
    mutationFn: (monitorId: string) => api.bench.resetBoard({ monitorId }),
  })
  const { monitorId } = monitor
  return (
    <Button
      leftSection={<Icon name="refresh" size={14} />}
      disabled={monitorId === null}
      loading={reset.isPending}
      onClick={() => monitorId !== null && reset.mutate(monitorId)}
    >
      {t('monitor.reset')}
    </Button>
  )
}
