import type { Knock } from '#contract/api/claims.ts'
import { normalizeMac } from '#contract/model/ids.ts'

/** What people call a box: the text on it, else what it says of itself. */
export function nameOf(knock: Pick<Knock, 'label' | 'mac' | 'deviceId' | 'address'>): string {
  return knock.label ?? knock.mac ?? knock.deviceId ?? knock.address
}

/** What is printed on a box that says no more than its MAC (domain.md, label). */
export function labelOfMac(mac: string): string {
  return `ESP-${mac.replaceAll(':', '').slice(-6).toUpperCase()}`
}

/** What has to be said of a box, the most important first. */
export type KnockMark = 'taken' | 'flagged' | 'unproven' | 'known'

export function marksOf(knock: Knock): KnockMark[] {
  return [
    ...(knock.taken ? ['taken' as const] : []),
    ...(knock.flagged && knock.state === 'waiting' ? ['flagged' as const] : []),
    ...(knock.unproven ? ['unproven' as const] : []),
    ...(knock.gateway !== null && knock.state === 'waiting' ? ['known' as const] : []),
  ]
}

/** Whether it can be claimed at all. */
export function isClaimable({ state, taken }: Knock): boolean {
  return state === 'waiting' && !taken
}

/** Whether it is a gateway of the person's own already, so that claiming enrolls it again. */
export function isKnown({ gateway }: Pick<Knock, 'gateway'>): boolean {
  return gateway !== null && gateway.state !== 'unclaimed'
}

/** Part of any of its names, or of what it is; a MAC in any spelling. */
export function matchesText(knock: Knock, text: string): boolean {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const mac = normalizeMac(text)
  const { label, deviceId, manufacturer, chip, firmware, address, gateway } = knock
  const texts = [
    knock.mac,
    knock.mac === null ? null : labelOfMac(knock.mac),
    label,
    deviceId,
    manufacturer,
    chip,
    firmware,
    address,
    gateway?.code,
    gateway?.name,
  ]
  return texts.some((one) => one?.toLowerCase().includes(wanted)) || (mac !== null && knock.mac === mac)
}

/** Those that wait under a name that was read or typed: label, MAC or device id. */
export function waitingAs(knocks: readonly Knock[], name: string): Knock[] {
  const wanted = name.trim().toLowerCase()
  const mac = normalizeMac(name)
  return knocks.filter(
    ({ state, label, deviceId, ...knock }) =>
      state === 'waiting' &&
      (label?.toLowerCase() === wanted ||
        deviceId?.toLowerCase() === wanted ||
        (label === null && knock.mac !== null && labelOfMac(knock.mac).toLowerCase() === wanted) ||
        (mac !== null && knock.mac === mac)),
  )
}

/** `4:05`, `1:04:05`: whole seconds that are left. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor((seconds % 3_600) / 60)
  const tail = two(seconds % 60)
  return hours === 0 ? `${minutes}:${tail}` : `${hours}:${two(minutes)}:${tail}`
}
