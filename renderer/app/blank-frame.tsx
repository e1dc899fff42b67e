import { Logo } from '../ui/icon.tsx'
import css from './shell.module.css'

/** The frame before anything is known: never an empty window. */
export function BlankFrame() {
  return (
    <div className={css.app} aria-busy="true">
      <div className={css.top} />
      <div className={css.rail}>
        <span className={css.logo}>
          <Logo />
        </span>
      </div>
      <main className={css.main} />
      <div className={css.status} />
    </div>
  )
}
