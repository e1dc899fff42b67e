import { useEffect } from 'react'

/** Names the page in the window's title: `Fleet – Millwright`. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Millwright' : `${title} – Millwright`
  }, [title])
}
