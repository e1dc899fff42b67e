import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FlashJob } from '#contract/model/flash.ts'

/** Tells readers of the screen how each board ended, as the beep does. */
export function Endings({ jobs }: { jobs: ReadonlyMap<string, FlashJob> }) {
  const { t } = useTranslation('bench')
  const before = useRef(jobs)
  const [words, setWords] = useState('')
  useEffect(() => {
    for (const [id, job] of jobs) {
      if (before.current.get(id)?.state !== 'running') continue
      const name = job.gateway?.code ?? job.port.name
      if (job.state === 'passed') setWords(t('ending.passed', { name }))
      if (job.state === 'failed') setWords(t('ending.failed', { name }))
    }
    before.current = jobs
  }, [jobs, t])
  return (
    <p className="visually-hidden" role="status">
      {words}
    </p>
  )
}
