import { lazy, Suspense } from 'react'
import { rightsOf } from '../api/session.ts'
import { useMe } from '../api/use-session.ts'
import { LockScreen } from '../screens/login/lock-screen.tsx'
import { BlankFrame } from './blank-frame.tsx'
import { Shell } from './shell.tsx'
import { useIdleLock } from './use-idle-lock.ts'

const FirstPassword = lazy(async () => ({
  default: (await import('../screens/account/first-password.tsx')).FirstPassword,
}))
const FirstFactor = lazy(async () => ({
  default: (await import('../screens/account/first-factor.tsx')).FirstFactor,
}))

/** The frame for who is signed in; before it, what stands between them and their rights. */
export function Gate() {
  const me = useMe()
  useIdleLock()
  switch (me?.pending) {
    case 'unlock':
      return <LockScreen me={me} />
    case 'password':
      return (
        <Suspense fallback={<BlankFrame />}>
          <FirstPassword me={me} />
        </Suspense>
      )
    case 'second_factor':
      return (
        <Suspense fallback={<BlankFrame />}>
          <FirstFactor />
        </Suspense>
      )
    default:
      // Nothing of it outlives a change of the person or of their rights.
      return <Shell key={me === undefined ? '' : rightsOf(me)} />
  }
}
