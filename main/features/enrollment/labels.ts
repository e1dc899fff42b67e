import { createHash } from 'node:crypto'

/** What `contract/api/gateways.ts` takes as a label and as a code: it may become both. Or a UUID, as boxes of 000 are called. */
const LABEL = /^(?:[A-Z0-9][A-Z0-9-]{2,29}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})$/

/**
 * The label of a box that says what it is called: what is printed on it, or without a MAC its device id. Labels are in capitals.
 * A name that cannot be a label stays the box's own; its label is made of it, and is the same each time.
 */
export function boxLabel(said: {
  mac: string | null
  label: string | null
  deviceId: string | null
}): string | undefined {
  const name = (said.label ?? (said.mac === null ? said.deviceId : null))?.toUpperCase()
  if (name === undefined || LABEL.test(name)) return name
  return `GW-${createHash('sha256').update(name).digest('hex').slice(0, 12).toUpperCase()}`
}

/**
 * The label on the box: `ESP-A1B2C3` from the last three MAC bytes; all six where another box has that one; the
 * start of the id where there is no MAC.
 */
export function labelCandidates(mac: string | null, id: string): string[] {
  if (mac === null) return [`GW-${id.slice(-12).toUpperCase()}`]
  const digits = mac.replaceAll(':', '').toUpperCase()
  return [`ESP-${digits.slice(6)}`, `ESP-${digits}`]
}
