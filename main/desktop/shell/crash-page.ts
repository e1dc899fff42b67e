import type { ShellCommand } from './navigation.ts'
import { SHELL_ORIGIN } from './origins.ts'
import type { ShellTexts } from './texts.ts'

export interface CrashPageFacts {
  cause: string
  logFile: string
  dataDir: string
  locale: string
}

/**
 * The page shown when the engine does not run and will not be restarted by itself. It has no script: its buttons
 * are links that the navigation policy turns into commands of the shell.
 */
export function renderCrashPage(facts: CrashPageFacts, texts: ShellTexts): string {
  return `<!doctype html>
<html lang="${escapeHtml(facts.locale)}">
<head>
<meta charset="utf-8">
<title>${escapeHtml(texts.crashTitle)}</title>
<style>
:root { color-scheme: light dark; font: 13px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { width: min(640px, 90vw); }
h1 { font-size: 20px; font-weight: 600; }
dt { font-weight: 600; margin-top: 8px; }
dd { margin: 0; overflow-wrap: anywhere; }
code { font-family: ui-monospace, monospace; }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 24px; }
a { padding: 6px 16px; border: 1px solid currentColor; border-radius: 4px; color: inherit; text-decoration: none; }
a:first-child { background: CanvasText; color: Canvas; }
a:focus-visible { outline: 2px solid Highlight; outline-offset: 2px; }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(texts.crashTitle)}</h1>
<dl>
<dt>${escapeHtml(texts.crashWhy)}</dt><dd>${escapeHtml(facts.cause)}</dd>
<dt>${escapeHtml(texts.crashLog)}</dt><dd><code>${escapeHtml(facts.logFile)}</code></dd>
</dl>
<p>${escapeHtml(texts.crashWhatNow)}</p>
<nav>
${link('retry', texts.retry)}
${link('open-log', texts.openLog)}
${link('open-data-folder', texts.openDataFolder)}
${link('choose-data-folder', texts.otherDataFolder)}
${link('quit', texts.quit)}
</nav>
</main>
</body>
</html>
`
}

function link(command: ShellCommand, text: string): string {
  return `<a href="${SHELL_ORIGIN}/${command}">${escapeHtml(text)}</a>`
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
