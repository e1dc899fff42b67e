import type { WebContents } from 'electron'
import {
  decideNavigation,
  decideNewWindow,
  type NavigationContext,
  type NavigationDecision,
} from './navigation.ts'

export interface ContentsGuard {
  /** The site's addresses as things are now; `from` is filled in. */
  context(): Omit<NavigationContext, 'from'>
  obey(decision: Exclude<NavigationDecision, { kind: 'allow' | 'deny' }>): void
  log(line: string): void
}

/** Puts every page of the program under the navigation policy. */
export function guardContents(contents: WebContents, guard: ContentsGuard): void {
  contents.on('will-frame-navigate', (event) => {
    const decision = event.isMainFrame
      ? decideNavigation(event.url, { ...guard.context(), from: contents.getURL() })
      : ({ kind: 'deny' } as const)
    if (decision.kind === 'allow') return
    event.preventDefault()
    act(decision, event.url)
  })
  contents.on('will-redirect', (event) => {
    if (decideNavigation(event.url, { ...guard.context(), from: contents.getURL() }).kind !== 'allow') {
      event.preventDefault()
    }
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    act(decideNewWindow(url, { ...guard.context(), from: contents.getURL() }), url)
    return { action: 'deny' }
  })

  function act(decision: NavigationDecision, url: string): void {
    if (decision.kind === 'command' || decision.kind === 'browser') guard.obey(decision)
    else guard.log(`Refused a navigation to ${url.slice(0, 200)}`)
  }
}
