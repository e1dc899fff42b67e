import { Button, FileButton, Textarea } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '#renderer/ui/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import css from './bench.module.css'
import { readPlan } from './plan.ts'

const SHOWN = 5

/** Which board becomes what, line by line: pasted, or from a file. Only a plan without a fault counts. */
export function PlanField({ plan, onChange }: { plan: string; onChange(plan: string): void }) {
  const { t } = useTranslation('bench')
  const format = useFormat()
  const { lines, faults } = useMemo(() => readPlan(plan), [plan])
  return (
    <div className={css.plan}>
      <Textarea
        label={t('plan.label')}
        description={t('plan.hint')}
        placeholder={'mac,code,name\n24:6f:28:a1:b2:c3,GW001,Hall 3 meter 1'}
        classNames={{ input: css.planInput ?? '' }}
        autosize
        minRows={2}
        maxRows={6}
        spellCheck={false}
        value={plan}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={
          faults.length === 0 ? null : (
            <>
              {faults.slice(0, SHOWN).map(({ line, problem, value }) => (
                <span key={line} className={css.planFault}>
                  {t('plan.line', { line, problem: t(`plan.${problem}`, { value }) })}
                </span>
              ))}
              {faults.length > SHOWN && t('plan.moreFaults', { count: faults.length - SHOWN })}
            </>
          )
        }
      />
      <div className={css.planFoot}>
        <FileButton
          accept=".csv,.txt,.tsv,text/csv,text/plain"
          onChange={(file) => {
            if (file !== null) void file.text().then(onChange)
          }}
        >
          {(button) => (
            <Button {...button} size="xs" leftSection={<Icon name="folder" size={14} />}>
              {t('plan.file')}
            </Button>
          )}
        </FileButton>
        {lines.length > 0 && (
          <span className="small sec" role="status">
            {t('plan.read', { count: lines.length, shown: format.integer(lines.length) })}
          </span>
        )}
      </div>
    </div>
  )
}
