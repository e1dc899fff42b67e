/**
 * A link as others can open it: at the address where the person who made it found the site, unless that is one of their
 * own machine only, or of the desktop's window.
 */
export function reachableLink(
  link: string,
  at: { origin: string; protocol: string; hostname: string },
): string {
  const isOfMachine = /^(localhost|127\..*|\[::1\])$/.test(at.hostname)
  if (at.protocol !== 'https:' || isOfMachine) return link
  const { pathname, hash } = new URL(link)
  return `${at.origin}${pathname}${hash}`
}
