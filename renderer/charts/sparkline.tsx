import type { ValueKind } from '#contract/model/reading.ts'
import { type BucketRows, silenceThreshold } from './bucket-rows.ts'
import css from './sparkline.module.css'
import { sparklineShape } from './sparkline-path.ts'
import { stateSpans } from './state-strip.ts'
import type { TimeWindow } from './time-range.ts'

const WIDTH = 196
const HEIGHT = 24

/** The shape of a channel's last minutes; decoration beside its value, dotted from where it went silent. */
export function Sparkline(props: { rows: BucketRows; window: TimeWindow; crossed?: boolean }) {
  const shape = sparklineShape(props.rows, props.window, WIDTH, HEIGHT)
  if (shape === null)
    return <svg className={css.spark} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" />
  const color = props.crossed === true ? 'var(--orange)' : 'var(--mark)'
  const last = props.rows.ts.length - 1
  const silent =
    props.window.to - ((props.rows.ts[last] ?? 0) + (props.rows.width[last] ?? 0)) >
    Math.max(15_000, silenceThreshold(props.rows))
  return (
    <svg
      className={css.spark}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path
        d={shape.path}
        fill="none"
        stroke={color}
        strokeWidth="1.25"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
      {silent && (
        <path
          d={`M${shape.end.x.toFixed(1)},${shape.end.y.toFixed(1)}H${WIDTH}`}
          stroke={color}
          strokeWidth="1.25"
          strokeDasharray="2 3"
          vectorEffect="non-scaling-stroke"
        />
      )}
      {/* A line of no length with round ends is a dot that the stretched box does not squash. */}
      <path
        d={`M${shape.end.x.toFixed(1)},${shape.end.y.toFixed(1)}h0`}
        stroke={color}
        strokeWidth="4"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}

/** The states of a text or boolean channel over its last minutes: off is a line, anything else a bar; texts change shade. */
export function StateSparkline(props: { rows: BucketRows; kind: ValueKind; window: TimeWindow }) {
  const { from, to } = props.window
  const x = (at: number) => ((at - from) / (to - from)) * WIDTH
  const words: (string | null)[] = []
  return (
    <svg
      className={css.spark}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {stateSpans(props.rows, props.kind, props.window).map((span) => {
        if (!words.includes(span.state)) words.push(span.state)
        const off = span.state === 'false'
        return (
          <rect
            key={span.from}
            x={x(span.from)}
            width={Math.max(0.5, x(span.to) - x(span.from) - 1)}
            y={off ? 15 : 8}
            height={off ? 1.5 : 8}
            fill={
              props.kind === 'text' && words.indexOf(span.state) % 2 === 1 ? 'var(--mark)' : 'var(--fill)'
            }
          />
        )
      })}
    </svg>
  )
}
