import { type BindCode, BindCodeSchema } from '#contract/model/box-names.ts'

/** What a QR code says of a box. */
export type QrContent =
  /** Its activation token, which it shows or has printed. */
  | { kind: 'token'; token: string }
  /** The text on it: label, MAC or device id. */
  | { kind: 'label'; label: string }
  /** Of a box that made its own key (002). */
  | { kind: 'bind'; bind: BindCode }
  /** Something else: a network's password, another product. */
  | { kind: 'unknown' }

/** Codes hold 4,296 characters at the most (ISO/IEC 18004). */
const MOST = 4_296
const unknown: QrContent = { kind: 'unknown' }

const names = {
  token: ['token', 'activation_token', 'activationToken'],
  label: ['label', 'device_label', 'mac', 'mac_address', 'deviceId', 'device_id'],
} as const

/** Reads a token, a label, an address or JSON with either of them, or the JSON of reference system 002. */
export function readQrContent(text: string): QrContent {
  const content = text.trim()
  if (content === '' || content.length > MOST) return unknown
  if (content.startsWith('{')) return ofJson(content)
  if (/^https?:\/\//i.test(content)) return ofAddress(content)
  return ofText(content)
}

/** An activation token has a prefix of its own; whatever else could be a name is one. */
function ofText(text: string): QrContent {
  if (/^mwa_[\w-]{20,100}$/.test(text)) return { kind: 'token', token: text }
  return /^[A-Za-z0-9][A-Za-z0-9._:-]{1,63}$/.test(text) ? { kind: 'label', label: text } : unknown
}

function ofAddress(text: string): QrContent {
  if (!URL.canParse(text)) return unknown
  const { searchParams, pathname, hash } = new URL(text)
  const found = ofFields(
    (name) => searchParams.get(name) ?? new URLSearchParams(hash.replace(/^#\??/, '')).get(name),
  )
  if (found !== unknown) return found
  const [, label] = /\/label\/([^/]+)\/?$/.exec(pathname) ?? []
  if (label !== undefined) return ofText(decoded(label))
  // `https://site/claim/mwa_…`
  const last = ofText(decoded(pathname.split('/').at(-1) ?? ''))
  return last.kind === 'token' ? last : unknown
}

function ofJson(text: string): QrContent {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return unknown
  }
  const bind = BindCodeSchema.safeParse(value)
  if (bind.success) return { kind: 'bind', bind: bind.data }
  const fields = new Map(Object.entries(value as Record<string, unknown>))
  return ofFields((name) => fields.get(name))
}

function ofFields(field: (name: string) => unknown): QrContent {
  const first = (wanted: readonly string[]) =>
    wanted.map(field).find((value): value is string => typeof value === 'string' && value.trim() !== '')
  const token = first(names.token)?.trim()
  // Tokens of other sites are no business of this one, but it is the site that says so.
  if (token !== undefined && token.length <= 200) return { kind: 'token', token }
  const label = first(names.label)?.trim()
  return label === undefined ? unknown : ofText(label)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return ''
  }
}
