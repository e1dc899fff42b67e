/**
 * The label on the box: `ESP-A1B2C3` from the last three MAC bytes; all six where another box has that one; the
 * start of the id where there is no MAC.
 */
export function labelCandidates(mac: string | null, id: string): string[] {
  if (mac === null) return [`GW-${id.slice(-12).toUpperCase()}`]
  const digits = mac.replaceAll(':', '').toUpperCase()
  return [`ESP-${digits.slice(6)}`, `ESP-${digits}`]
}
