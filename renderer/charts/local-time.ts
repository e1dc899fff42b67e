/** ms as a `datetime-local` input holds it: local time to the second. */
export function toLocal(at: number): string {
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** The opposite; null where the input is empty or no time. */
export function parseLocal(text: string): number | null {
  if (!/^\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return null
  const at = new Date(text).getTime()
  return Number.isFinite(at) ? at : null
}
