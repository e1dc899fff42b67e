import { Button, Modal } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { FlashJob } from '#contract/model/flash.ts'
import { api } from '#renderer/api/client.ts'
import { jobError } from '#renderer/api/job-error.ts'
import { CopyButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Skeleton } from '#renderer/ui/layout.tsx'
import { ErrorNote } from '#renderer/ui/note.tsx'
import { saveFile } from '#renderer/ui/save-file.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import css from './bench.module.css'
import { BoardFacts } from './board-facts.tsx'
import { markOf, minutes, shareOf } from './card-words.ts'
import { JobNote } from './job-note.tsx'
import { saveBackup } from './save-bench-file.ts'
import { useJobWord } from './use-job-word.ts'

/** One job in full: how it stands, the board, what was written, and its log. */
export function JobDialog(props: {
  jobId: string
  /** As the bench tells of it now; undefined for a job of long ago. */
  live: FlashJob | undefined
  onClose(): void
}) {
  const { t } = useTranslation(['bench', 'common'])
  useFocusBack()
  const { jobId, live } = props
  const query = useQuery({
    // The log is asked for again with each step: as it happens, the monitor shows it.
    queryKey: ['bench', 'job', jobId, live?.state ?? null, live?.step ?? null, live?.attempt ?? null],
    queryFn: ({ signal }) => api.bench.job({ jobId }, { signal }),
    placeholderData: (before) => before,
    staleTime: 0,
  })
  const job = live ?? query.data?.job
  const word = useJobWord()
  const name = job?.gateway?.code ?? job?.port.name ?? ''
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t('job.title', { what: t(`kind.${job?.kind ?? 'gateway'}`), name })}
      size={720}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <div className={css.dialog}>
        {query.error !== null && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
        {job === undefined && query.error === null && <Skeleton height={160} />}
        {job !== undefined && (
          <>
            <Standing job={job} word={word(job)} />
            {job.kind === 'identify' && job.board !== null && <BoardFacts board={job.board} />}
            <Log job={job} lines={query.data?.log ?? []} />
            {job.regions.length > 0 && <Regions job={job} />}
            {job.kind !== 'identify' && job.board !== null && <BoardFacts board={job.board} />}
          </>
        )}
      </div>
    </Modal>
  )
}

function Standing({ job, word }: { job: FlashJob; word: string }) {
  const { t } = useTranslation(['bench', 'common'])
  const share = shareOf(job)
  const save = useMutation({
    mutationFn: () => saveBackup(job.id, job.file?.name ?? ''),
  })
  const cancel = useMutation({ mutationFn: () => api.bench.cancel({ jobId: job.id }) })
  return (
    <>
      <div className={css.standing} role="status">
        <StateMark mark={markOf(job)} size={20} />
        <b>{word}</b>
        {job.endedAt !== null && (
          <span className="sub">
            {t('card.in', { time: minutes((job.endedAt.getTime() - job.startedAt.getTime()) / 1_000) })}
          </span>
        )}
        <span className="push" />
        {job.state === 'running' && (
          <Button size="xs" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            {t('common:action.cancel')}
          </Button>
        )}
        {job.file !== null && (
          <Button
            variant="filled"
            leftSection={<Icon name="download" size={14} />}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t('job.download')}
          </Button>
        )}
      </div>
      {share !== null && job.state === 'running' && (
        <div
          className={css.bar}
          role="progressbar"
          aria-label={word}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(share * 100)}
        >
          <i style={{ transform: `scaleX(${share})` }} />
        </div>
      )}
      {job.error !== null && <ErrorNote error={jobError(job.error)} />}
      {job.error === null && job.kind !== 'identify' && <JobNote job={job} check={null} />}
      {save.error !== null && <ErrorNote error={save.error} />}
      {cancel.error !== null && <ErrorNote error={cancel.error} />}
    </>
  )
}

function Regions({ job }: { job: FlashJob }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  return (
    <div className={css.scrollX}>
      <table className={css.regions}>
        <caption className="visually-hidden">{t('job.regions')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('job.region')}</th>
            <th scope="col">{t('job.offset')}</th>
            <th scope="col">{t('job.size')}</th>
            <th scope="col">{t('job.md5')}</th>
          </tr>
        </thead>
        <tbody>
          {job.regions.map(({ name, offset, size, md5 }) => (
            <tr key={offset}>
              <td>{name}</td>
              <td className="mono">0x{offset.toString(16)}</td>
              <td className="num">{format.bytes(size)}</td>
              <td className="mono">{md5}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

type LogLine = Awaited<ReturnType<typeof api.bench.job>>['log'][number]

function Log({ job, lines }: { job: FlashJob; lines: readonly LogLine[] }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const text = lines.map(({ at, from, text: words }) => `${at.toISOString()} ${from}: ${words}`).join('\n')
  return (
    <section aria-label={t('job.log')}>
      <div className={css.logHead}>
        <h3>{t('job.log')}</h3>
        <span className="push" />
        {lines.length > 0 && (
          <>
            <CopyButton value={text} />
            <Button
              size="xs"
              leftSection={<Icon name="download" size={14} />}
              onClick={() =>
                void saveFile(`flash-log-${job.gateway?.code ?? job.port.name}.txt`, text, 'text/plain')
              }
            >
              {t('job.saveLog')}
            </Button>
          </>
        )}
      </div>
      {/* It scrolls: the keyboard has to reach it. */}
      <div className={css.log} tabIndex={0} role="region" aria-label={t('job.log')}>
        {lines.length === 0 && <p className="sub">{t('job.noLog')}</p>}
        {lines.map((line, index) => (
          <div key={index} data-from={line.from}>
            <time title={format.utc(line.at)}>{format.clock(line.at)}</time>
            <span>{line.text}</span>
          </div>
        ))}
      </div>
    </section>
  )
}
