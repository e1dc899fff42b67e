const TIME = /^([01]?\d|2[0-3])[:.hH]?([0-5]\d)?$/

/** `6`, `6:00`, `0600`, `6h30` as `06:00`; null where it is no time of day. */
export function timeOfDay(text: string): string | null {
  const compact = /^\d{4}$/.test(text.trim())
    ? `${text.trim().slice(0, 2)}:${text.trim().slice(2)}`
    : text.trim()
  const [, hours, minutes = '00'] = TIME.exec(compact) ?? []
  return hours === undefined ? null : `${hours.padStart(2, '0')}:${minutes}`
}

/** Times of day in their order, each once; `wrong` is the first that is none. */
export function shiftsOf(texts: readonly string[]): { shifts: string[]; wrong: string | null } {
  const times = texts.map((text) => timeOfDay(text) ?? text)
  return {
    shifts: [...new Set(times)].sort(),
    wrong: texts.find((text) => timeOfDay(text) === null) ?? null,
  }
}

/** Names of time zones that this browser knows, with the one that is set. */
export function timeZones(chosen: string): string[] {
  return [...new Set([chosen, 'UTC', ...Intl.supportedValuesOf('timeZone')])].sort()
}
