import { useEffect, useState } from 'react'

/**
 * Gives the keyboard back to where it was before a dialog, for one that exists only while it is open: the component
 * library does so only for a dialog that stays and is told to close.
 */
export function useFocusBack(): void {
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      // After the dialog is gone, and only where nothing else took the focus meanwhile.
      setTimeout(() => {
        if (document.activeElement !== null && document.activeElement !== document.body) return
        // What opened it may be gone too, such as the item of a menu.
        const target = before?.isConnected === true ? before : document.getElementById('main')
        if (target instanceof HTMLElement) target.focus({ preventScroll: true })
      })
    },
    [before],
  )
}
