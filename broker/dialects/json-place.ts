/** What stands at a place of a parsed payload; undefined where nothing does. */
export type Place = (payload: unknown) => unknown

/**
 * A JSON pointer (RFC 6901) as a function. Only own fields count: `/constructor` finds nothing in `{}`.
 *
 * @returns null where there is no pointer
 */
export function placeOf(pointer: string | undefined): Place | null {
  if (pointer === undefined) return null
  const steps = pointer.split('/').slice(1).map(unescaped)
  return (payload) => {
    let found = payload
    for (const step of steps) {
      if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined
      found = (found as Record<string, unknown>)[step]
    }
    return found
  }
}

/** RFC 6901 4: `~1` first. */
function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
