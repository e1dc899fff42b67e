import type { FormEvent, ReactNode } from 'react'
import { Logo } from '#renderer/ui/icon.tsx'
import css from './login.module.css'

/** A box in the middle of an empty window, for what brings its own form. */
export function SignInBox(props: { title: string; text: ReactNode; children: ReactNode }) {
  return (
    <main className={css.page}>
      <div className={css.box}>
        <Head title={props.title} text={props.text} />
        {props.children}
      </div>
    </main>
  )
}

/** One form in the middle of an empty window: nothing of the site is behind it. */
export function SignInFrame(props: {
  title: string
  text: ReactNode
  onSubmit(): void
  children: ReactNode
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    props.onSubmit()
  }
  return (
    <main className={css.page}>
      <form className={css.box} noValidate onSubmit={submit}>
        <Head title={props.title} text={props.text} />
        {props.children}
      </form>
    </main>
  )
}

function Head({ title, text }: { title: string; text: ReactNode }) {
  return (
    <>
      <div className={css.brand}>
        <Logo />
        Millwright
      </div>
      <div>
        <h1>{title}</h1>
        <p className="sec">{text}</p>
      </div>
    </>
  )
}
