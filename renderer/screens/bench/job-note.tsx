import { Trans, useTranslation } from 'react-i18next'
import type { FlashJob, ReadingCheck } from '#contract/model/flash.ts'
import { useErrorText } from '#renderer/api/error-text.ts'
import { jobError } from '#renderer/api/job-error.ts'
import { useFormat } from '#renderer/ui/format.ts'
import css from './bench.module.css'
import { useLimitWords } from './use-limit-words.ts'

/** What is going on, or what to do about what went wrong. */
export function JobNote({ job, check }: { job: FlashJob; check: ReadingCheck | null }) {
  switch (job.state) {
    case 'running':
      return <RunningNote job={job} />
    case 'passed':
      return <PassedNote job={job} check={check} />
    default:
      return <EndedNote job={job} />
  }
}

function RunningNote({ job }: { job: FlashJob }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const { progress, step, gateway } = job
  if (progress !== null && progress.total > 0) {
    const percent = format.percent(Math.floor((progress.done / progress.total) * 100) / 100)
    const words = { percent, part: progress.part }
    return (
      <p className={`${css.note} live-value`}>
        {progress.rate === null
          ? t('note.progress', words)
          : t('note.progressRate', { ...words, rate: t('rate', { size: format.bytes(progress.rate) }) })}
      </p>
    )
  }
  if (job.boardSays !== null && (step === 'booting' || step === 'waiting'))
    return <p className={css.note}>{t('note.boardSays', { words: job.boardSays })}</p>
  if (step === 'connecting')
    return <p className={css.note}>{t(job.tries > 1 ? 'note.hardToFind' : 'note.connecting')}</p>
  if (step === 'waiting' && gateway !== null)
    return (
      <p className={css.note}>
        {t(job.firstReading === null ? 'note.waitingFor' : 'note.reading', { code: gateway.code })}
      </p>
    )
  return <p className={css.note}>{t(`note.${step}`)}</p>
}

function PassedNote({ job, check }: { job: FlashJob; check: ReadingCheck | null }) {
  const { t } = useTranslation(['bench', 'common'])
  const format = useFormat()
  const limitWords = useLimitWords()
  const { firstReading, board, file } = job
  if (job.kind === 'identify' && board !== null)
    return (
      <p className={css.note}>
        <span className="mono">{board.mac}</span>
        <br />
        {board.features.join(', ')}
      </p>
    )
  if (file !== null)
    return <p className={css.note}>{t('note.file', { name: file.name, size: format.bytes(file.bytes) })}</p>
  if (firstReading === null)
    return <p className={css.note}>{job.kind === 'gateway' ? t('note.online') : ''}</p>
  const value = format.value(firstReading.value, { on: t('common:value.on'), off: t('common:value.off') })
  return (
    <p className={css.note}>
      <Trans
        t={t}
        i18nKey="note.firstReading"
        values={{
          value: firstReading.unit === null ? value : `${value} ${firstReading.unit}`,
          channel: firstReading.channel,
        }}
        components={{ b: <b /> }}
      />
      {firstReading.check === 'passed' && check !== null && (
        <>
          <br />
          {t('note.checkPassed', { limits: limitWords(check) })}
        </>
      )}
    </p>
  )
}

/** Failed, interrupted or cancelled: the error's own words, what to do first. */
function EndedNote({ job }: { job: FlashJob }) {
  const { t } = useTranslation('bench')
  const errorText = useErrorText()
  if (job.error === null) return <p className={css.note}>{t(`ended.${job.state}`)}</p>
  const { what, todo } = errorText(jobError(job.error))
  return (
    <>
      <p className={css.note} title={what}>
        {what}.
      </p>
      <p className={css.todo} title={todo}>
        {todo}
      </p>
    </>
  )
}
