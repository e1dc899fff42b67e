import { useTranslation } from 'react-i18next'
import type { Knock } from '#contract/api/claims.ts'
import { type Mark, StateMark } from '#renderer/ui/state-mark.tsx'
import css from './claims.module.css'
import { type KnockMark, marksOf } from './knock.ts'

const shapes: Record<KnockMark, { mark: Mark; tone: string }> = {
  taken: { mark: 'refused', tone: 't-orange' },
  flagged: { mark: 'due', tone: 't-yellow' },
  unproven: { mark: 'due', tone: 't-yellow' },
  known: { mark: 'passed', tone: '' },
}

/** What has to be said of a box, in a line; with more words on hover. */
export function KnockMarks({ knock }: { knock: Knock }) {
  const words = useMarkWords()
  const marks = marksOf(knock)
  const [first] = marks
  if (first === undefined) return null
  return (
    <span
      className={`state ${shapes[first].tone}`}
      title={marks.map((mark) => words.more(mark, knock)).join('\n')}
    >
      <StateMark mark={shapes[first].mark} />
      <span className="ellipsis">{marks.map((mark) => words.short(mark, knock)).join(', ')}</span>
    </span>
  )
}

/** The same, one below the other, with what each means. */
export function KnockWarnings({ knock }: { knock: Knock }) {
  const words = useMarkWords()
  const marks = marksOf(knock)
  if (marks.length === 0) return null
  return (
    <ul className={css.warnings}>
      {marks.map((mark) => (
        <li key={mark}>
          <StateMark mark={shapes[mark].mark} />
          <span>
            <b className={shapes[mark].tone}>{words.short(mark, knock)}</b> {words.more(mark, knock)}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** In words, for the table's cells and for the clipboard. */
export function useMarkWords() {
  const { t } = useTranslation('claims')
  return {
    short: (mark: KnockMark, { gateway }: Knock) => t(`mark.${mark}.short`, { code: gateway?.code ?? '' }),
    more: (mark: KnockMark, { gateway }: Knock) =>
      t(`mark.${mark}.more`, { code: gateway?.code ?? '', name: gateway?.name ?? '' }),
  }
}
