import { useCallback, useEffect, useState } from 'react'

/**
 * The screen without its frame, over the whole display where the browser allows it. F and Esc, outside of fields;
 * what stands behind takes no focus meanwhile.
 */
export function useFullScreen(): { full: boolean; toggle(): void } {
  const [full, setFull] = useState(false)
  const toggle = useCallback(() => setFull((was) => !was), [])

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target))
        return
      if (event.key === 'f' || event.key === 'F') toggle()
      else if (event.key === 'Escape' && !isBusy()) setFull(false)
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [toggle])

  useEffect(() => {
    if (!full) return
    // Refused without a gesture, or in a frame: the frame of the application is hidden all the same.
    document.documentElement.requestFullscreen?.().catch(() => undefined)
    const onChange = () => {
      if (document.fullscreenElement === null) setFull(false)
    }
    document.addEventListener('fullscreenchange', onChange)
    const main = document.getElementById('main')
    const behind = [...(main?.parentElement?.children ?? [])].filter((part) => part !== main)
    for (const part of behind) part.toggleAttribute('inert', true)
    return () => {
      document.removeEventListener('fullscreenchange', onChange)
      for (const part of behind) part.toggleAttribute('inert', false)
      if (document.fullscreenElement !== null) document.exitFullscreen().catch(() => undefined)
    }
  }, [full])
  return { full, toggle }
}

const FIELDS =
  'input:not([type="checkbox"], [type="radio"]), textarea, select, [role="combobox"], [role="menuitem"]'

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(FIELDS))
}

/** Escape first closes what is open over the screen. Lists that are closed stay in the page, unseen. */
function isBusy(): boolean {
  const over = document.querySelectorAll('[role="dialog"], [role="menu"], [role="listbox"]')
  return [...over].some((part) => part.checkVisibility())
}
