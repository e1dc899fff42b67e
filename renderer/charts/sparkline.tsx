import { type BucketRows, silenceThreshold } from './bucket-rows.ts'
import { sparklineShape } from './sparkline-path.ts'
import css from './sparkline.module.css'
import type { TimeWindow } from './time-range.ts'

const WIDTH = 196
const HEIGHT = 24

/** The shape of a channel's last minutes; decoration beside its value, dotted from where it went silent. */
export function Sparkline(props: { rows: BucketRows; window: TimeWindow; crossed?: boolean }) {
  const shape = sparklineShape(props.rows, props.window, WIDTH, HEIGHT)
  if (shape === null) return <svg className={css.spark} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" />
  const color = props.crossed === true ? 'var(--orange)' : 'var(--mark)'
  const last = props.rows.ts.length - 1
  const silent = props.window.to - ((props.rows.ts[last] ?? 0) + (props.rows.width[last] ?? 0)) > Math.max(15_000, silenceThreshold(props.rows))
  return (
    <svg className={css.spark} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={shape.path} fill="none" stroke={color} strokeWidth="1.25" strokeLinejoin="round" vectorEffect="non-scaling-stroke" />
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
