import type { NvsValue } from '#firmware/nvs/index.ts'

/** What keys of secrets are called, by our firmware and by others. */
const SECRET = /psk|pass|pswd|pwd|secret|token|key|pin|credential/i
const LONGEST = 60

/** A value for people: secrets, files and long texts by their size alone. */
export function shownValue(key: string, one: NvsValue): string | number {
  if (one.type === 'blob')
    return `${kindOf(Buffer.from(one.value).toString('latin1'))}${one.value.length} bytes`
  if (one.type !== 'string') return String(one.value)
  const size = `${kindOf(one.value)}${Buffer.byteLength(one.value)} bytes`
  return SECRET.test(key) || one.value.includes('-----BEGIN') || one.value.length > LONGEST ? size : one.value
}

/** RFC 7468: what a PEM text says it is. */
function kindOf(text: string): string {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1]
  return label === undefined ? '' : `${label.toLowerCase()}, `
}
