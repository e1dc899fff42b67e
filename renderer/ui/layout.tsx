import type { ReactNode } from 'react'
import css from './layout.module.css'
import { useTitle } from './use-title.ts'

/** A screen: heading, what stands beside it, actions at the right, content below. It names the window's title. */
export function Page(props: {
  title: string
  /** In place of the plain title, for screens whose heading is more than a word. */
  heading?: ReactNode
  beside?: ReactNode
  actions?: ReactNode
  /** A table reaches the edges of the window and scrolls by itself. */
  flush?: boolean
  children: ReactNode
}) {
  useTitle(props.title)
  return (
    <div className={props.flush === true ? `${css.page} ${css.flush}` : css.page}>
      <header className={css.head}>
        {props.heading ?? <h1>{props.title}</h1>}
        {props.beside}
        {props.actions !== undefined && <div className={css.actions}>{props.actions}</div>}
      </header>
      {props.children}
    </div>
  )
}

/** A surface with an optional caption. `label` names it for screen readers where the caption is not words. */
export function Card(props: {
  title?: ReactNode
  end?: ReactNode
  label?: string
  className?: string
  children: ReactNode
}) {
  return (
    <section
      className={props.className === undefined ? css.card : `${css.card} ${props.className}`}
      aria-label={props.label}
    >
      {props.title !== undefined && (
        <div className={css.cap}>
          <h2>{props.title}</h2>
          {props.end !== undefined && <span className={css.capEnd}>{props.end}</span>}
        </div>
      )}
      {props.children}
    </section>
  )
}

/** Names and values in two columns. Pairs with a null value are left out. */
export function KeyValues({ pairs }: { pairs: readonly (readonly [string, ReactNode] | null)[] }) {
  return (
    <dl className={css.kv}>
      {pairs.map((pair) =>
        pair === null ? null : (
          <div key={pair[0]} style={{ display: 'contents' }}>
            <dt>{pair[0]}</dt>
            <dd>{pair[1]}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

/** An empty screen teaches: one sentence, one button. */
export function Empty(props: { title: string; text: string; action?: ReactNode }) {
  return (
    <div className={css.empty}>
      <h2>{props.title}</h2>
      <p className="sec">{props.text}</p>
      {props.action}
    </div>
  )
}

export type Tone = 'red' | 'orange' | 'yellow' | 'info'

export function Pill({ tone, children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={css.pill} data-tone={tone}>
      {children}
    </span>
  )
}

/** Stands for content that has not come; invisible for the first 150 ms. */
export function Skeleton({ height }: { height?: number | string }) {
  return (
    <div
      className={css.skeleton}
      style={height === undefined ? undefined : { height, flex: 'none' }}
      aria-hidden="true"
    />
  )
}
