/** Messages of each gateway: `10/s`, `1/5s`, `6/m`, `1/2m`. @returns ms between messages, or null if it says none */
export function parseRate(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)?(s|m|h)$/.exec(text.trim())
  if (match === null) return null
  const [, count, span = '1', unit] = match
  const unitLength = unit === 'h' ? 3_600_000 : unit === 'm' ? 60_000 : 1_000
  const interval = (Number(span) * unitLength) / Number(count)
  return Number.isFinite(interval) && interval >= 1 && interval <= 86_400_000 ? interval : null
}
