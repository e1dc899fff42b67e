import { ActionIcon, Button, Menu, Select, Tooltip } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BenchRun } from '#contract/model/flash.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { LabelsDialog } from '#renderer/ui/labels/labels-dialog.tsx'
import { Page, Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import css from './bench.module.css'
import { useBench } from './bench-store.ts'
import { CancelAllDialog } from './cancel-all-dialog.tsx'
import { type CardAsk, CardDialogs } from './card-dialogs.tsx'
import { Endings } from './endings.tsx'
import { PortGrid } from './port-grid.tsx'
import { PortsHelp } from './ports-help.tsx'
import { RunFacts } from './run-facts.tsx'
import { formOf } from './setup-form.ts'
import { SetupPanel } from './setup-panel.tsx'
import { jobsOfRun, shownRun, slotsOf, startable } from './slots.ts'
import { armSounds, isSoundOn, setSoundOn } from './sounds.ts'
import { Tally } from './tally.tsx'

/** Plug boards in, get trusted gateways: one set-up at the left, one card a port beside it. */
export function BenchScreen() {
  const { t } = useTranslation('bench')
  const { state, error } = useBench()
  const { run: asked }: { run?: unknown } = useSearch({ strict: false })
  const newest = shownRun(state, typeof asked === 'string' ? asked : null)
  /** The ended run behind which a person sets up the next one. */
  const [after, setAfter] = useState<BenchRun | null>(null)
  const run = newest !== null && newest.id === after?.id ? null : newest
  const [ask, setAsk] = useState<CardAsk | null>(null)
  useEffect(armSounds, [])
  const slots = useMemo(() => slotsOf(state, run), [state, run])
  const isLoading = !state.isKnown && error === null
  return (
    <Page
      title={t('title')}
      beside={run !== null && <RunHeading run={run} runs={[...state.runs.values()]} />}
      actions={<Actions run={run} />}
    >
      {error !== null && <ErrorNote error={error} />}
      {isLoading ? (
        <Skeleton />
      ) : (
        <div className={css.bench} data-running={run !== null || undefined}>
          {run === null ? (
            <SetupPanel
              key={after?.id ?? ''}
              start={after === null ? null : formOf(after.setup, after.tenant.id)}
              ready={slots.filter(({ port }) => port?.access.state === 'free' && !port.isTaken).length}
            />
          ) : (
            <RunFacts run={run} onNext={() => setAfter(run)} />
          )}
          <div className={css.stack}>
            {run !== null && <Tally run={run} />}
            <PortsHelp ports={state.ports} />
            <PortGrid slots={slots} run={run} onAsk={setAsk} />
          </div>
        </div>
      )}
      <Endings jobs={state.jobs} />
      <CardDialogs ask={ask} jobs={state.jobs} onAsk={setAsk} />
    </Page>
  )
}

/** Which run it is; a choice, where several tenants have one open. */
function RunHeading({ run, runs }: { run: BenchRun; runs: readonly BenchRun[] }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const navigate = useNavigate()
  const open = runs.filter(({ id, state }) => state !== 'ended' || id === run.id)
  if (open.length > 1)
    return (
      <Select
        w={280}
        aria-label={t('run.choose')}
        data={open.map(({ id, name, tenant }) => ({ value: id, label: `${tenant.name}, ${name}` }))}
        value={run.id}
        onChange={(id) =>
          void navigate({
            to: '/bench',
            search: (before: Record<string, unknown>) => ({ ...before, run: id ?? undefined }),
            replace: true,
          })
        }
      />
    )
  const { expected } = run.setup
  return (
    <span className="sec ellipsis">
      {[
        t('run.name', { name: run.name }),
        ...(run.facts.group === null ? [] : [run.facts.group]),
        ...(expected === null ? [] : [t('run.boards', { count: expected, shown: format.integer(expected) })]),
      ].join(', ')}
    </span>
  )
}

function Actions({ run }: { run: BenchRun | null }) {
  const { t } = useTranslation('bench')
  const navigate = useNavigate()
  const { state } = useBench()
  const [open, setOpen] = useState<'labels' | 'cancel' | null>(null)
  const stop = useMutation({
    mutationFn: (runId: string) => api.bench.stopRun({ runId }),
  })
  const retry = useMutation({
    mutationFn: (runId: string) => api.bench.retryFailed({ runId }),
  })
  const start = useMutation({ mutationFn: (runId: string) => api.bench.start({ runId, port: null }) })
  const failure = start.error ?? stop.error ?? retry.error
  const ready = run?.state === 'open' ? startable(state, run) : 0
  const absent = retry.data?.absent ?? 0
  const made =
    run === null
      ? []
      : jobsOfRun(state, run.id).flatMap(({ state: end, gateway }) =>
          end === 'passed' && gateway !== null && gateway.id !== null
            ? [{ id: gateway.id, code: gateway.code }]
            : [],
        )
  return (
    <>
      {failure !== null && (
        <ErrorLine error={failure} onClose={() => [start, stop, retry].forEach((one) => one.reset())} />
      )}
      {failure === null && absent > 0 && (
        <span className="small t-orange" role="status">
          {t('retryFailed.absent', { count: absent })}
        </span>
      )}
      <SoundButton />
      {made.length > 0 && (
        <Button leftSection={<Icon name="print" />} onClick={() => setOpen('labels')}>
          {t('labelsAgain')}
        </Button>
      )}
      {run !== null && (
        <Button renderRoot={(root) => <Link to="/bench/runs/$runId" params={{ runId: run.id }} {...root} />}>
          {t('resultList')}
        </Button>
      )}
      {run !== null && ready > 0 && (
        <Button variant="filled" loading={start.isPending} onClick={() => start.mutate(run.id)}>
          {t('startAll', { count: ready })}
        </Button>
      )}
      {run?.state === 'open' && run.counts.failed > 0 && (
        <Button
          leftSection={<Icon name="refresh" />}
          loading={retry.isPending}
          onClick={() => retry.mutate(run.id)}
        >
          {t('retryFailed.button', { count: run.counts.failed })}
        </Button>
      )}
      {run?.state === 'open' && (
        <Button loading={stop.isPending} onClick={() => stop.mutate(run.id)}>
          {t('stopAfter')}
        </Button>
      )}
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={t('more')}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void navigate({ to: '/bench/runs' })}>{t('pastRuns')}</Menu.Item>
          {run !== null && run.state !== 'ended' && (
            <Menu.Item onClick={() => setOpen('cancel')}>{t('cancelAll.open')}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {open === 'labels' && <LabelsDialog gateways={made} onClose={() => setOpen(null)} />}
      {open === 'cancel' && run !== null && <CancelAllDialog run={run} onClose={() => setOpen(null)} />}
    </>
  )
}

function ErrorLine({ error, onClose }: { error: unknown; onClose(): void }) {
  const { t } = useTranslation('common')
  return (
    <div className={css.errorLine}>
      <ErrorNote error={error} />
      <ActionIcon
        size="xs"
        variant="transparent"
        color="gray"
        aria-label={t('action.close')}
        onClick={onClose}
      >
        <Icon name="close" size={14} />
      </ActionIcon>
    </div>
  )
}

function SoundButton() {
  const { t } = useTranslation('bench')
  const [on, setOn] = useState(isSoundOn)
  return (
    <Tooltip label={t(on ? 'sound.on' : 'sound.off')}>
      <ActionIcon
        aria-label={t('sound.label')}
        aria-pressed={on}
        onClick={() => {
          setSoundOn(!on)
          setOn(!on)
        }}
      >
        <Icon name={on ? 'sound' : 'sound-off'} />
      </ActionIcon>
    </Tooltip>
  )
}
