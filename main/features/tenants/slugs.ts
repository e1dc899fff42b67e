/** Words that the addresses and the command line use themselves. */
const reserved = new Set([
  'admin',
  'all',
  'api',
  'details',
  'new',
  'none',
  'null',
  'site',
  'system',
  'undefined',
])

/** Everywhere that a tenant is named, its id is taken too. */
const looksLikeId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const LONGEST = 63

/** "Aurora Dairy" to "aurora-dairy"; never empty: a name without any Latin letter or digit gives `otherwise`. */
export function slugOf(name: string, otherwise = 'main'): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^\w\s-]/g, '')
    .toLowerCase()
  return (
    plain
      .trim()
      .replace(/[\s_-]+/g, '-')
      .slice(0, LONGEST)
      .replace(/^-+|-+$/g, '') || otherwise
  )
}

export function isReserved(slug: string): boolean {
  return reserved.has(slug) || looksLikeId.test(slug)
}

/** The slug itself where it is free, else the first of `slug-2`, `slug-3`, … that is. */
export function freeSlug(slug: string, taken: ReadonlySet<string>): string {
  const isFree = (candidate: string) => !taken.has(candidate) && !isReserved(candidate)
  const base = looksLikeId.test(slug) ? 'tenant' : slug
  if (isFree(base)) return base
  for (let n = 2; ; n++) {
    const ending = `-${n}`
    const candidate = `${base.slice(0, LONGEST - ending.length)}${ending}`
    if (isFree(candidate)) return candidate
  }
}
