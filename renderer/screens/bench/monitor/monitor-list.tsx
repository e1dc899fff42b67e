import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '#renderer/ui/format.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { useMeaningWords } from './meaning-words.ts'
import css from './monitor.module.css'
import { type MonitorLine, weightOf } from './monitor-lines.ts'

const LINE_HEIGHT = 20
/** So near the end one still looks at what comes, px. */
const NEAR = 24

/** Lines as they come; ten thousand cost as much as forty. It stays at the end until one scrolls up. */
export function MonitorList({ lines, follows }: { lines: readonly MonitorLine[]; follows: boolean }) {
  const { t } = useTranslation('bench')
  const scroller = useRef<HTMLDivElement>(null)
  const [atEnd, setAtEnd] = useState(true)
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: 20,
  })
  const last = lines.at(-1)?.id ?? -1
  useEffect(() => {
    if (follows && atEnd && last !== -1) virtual.scrollToIndex(lines.length - 1, { align: 'end' })
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only a new line moves the view
  }, [last, follows, atEnd])
  return (
    // It scrolls: the keyboard has to reach it.
    <div
      ref={scroller}
      className={css.lines}
      role="log"
      aria-live="off"
      aria-label={t('monitor.lines')}
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
        setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR)
      }
    >
      {lines.length === 0 && <p className={css.nothing}>{t('monitor.nothing')}</p>}
      <div className={css.sheet} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const line = lines[index]
          return line === undefined ? null : <Line key={key} line={line} top={start} />
        })}
      </div>
    </div>
  )
}

const Line = memo(function Line({ line, top }: { line: MonitorLine; top: number }) {
  const format = useFormat()
  const words = useMeaningWords()(line)
  const weight = weightOf(line.meaning)
  const millis = String(line.at.getMilliseconds()).padStart(3, '0')
  return (
    <div className={css.line} data-weight={weight} style={{ transform: `translateY(${top}px)` }}>
      <time title={format.utc(line.at)}>
        {format.clock(line.at)}.{millis}
      </time>
      <code>{line.text}</code>
      {words !== null && (
        <span className={css.meaning}>
          {weight === 'bad' && <StateMark mark="failed" size={12} />}
          {weight === 'warn' && <StateMark mark="due" size={12} />}
          {weight === 'good' && <StateMark mark="passed" size={12} />}
          {words}
        </span>
      )}
    </div>
  )
})
