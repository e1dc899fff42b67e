const browsers: [RegExp, string][] = [
  [/Millwright\/|Electron\//, 'Millwright'],
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/^millwright/i, 'Millwright CLI'],
  [/^curl\//, 'curl'],
]

const systems: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
]

/** The program and system of a User-Agent (RFC 9110 10.1.5), as people call them; its first word where neither is known. */
export function programOf(userAgent: string): string {
  const named = (list: typeof browsers) => list.find(([pattern]) => pattern.test(userAgent))?.[1]
  const known = [named(browsers), named(systems)].filter((name) => name !== undefined)
  return known.length > 0 ? known.join(', ') : (userAgent.split(/[\s/]/)[0] ?? '')
}
