import { readFileSync } from 'node:fs'

/** The version of the package this file belongs to: `package.json` is above the sources and above the build. */
export function readVersion(): string {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'))
      if (name === 'millwright') return String(version)
    } catch {
      // No package here, or one of another kind: look above.
    }
    if (folder.pathname === new URL('..', folder).pathname) return 'unknown'
  }
}
