import type { LabelContent } from '#contract/model/label.ts'

/** What a label is made of. */
export interface LabelledGateway {
  id: string
  code: string
  name: string
  label: string
  mac: string | null
}

/** The address of a gateway at this site, which a phone's own camera opens. */
export function labelUrl(origin: string, label: string): string {
  return `${origin}/label/${encodeURIComponent(label)}`
}

/** @param origin where people reach the site: `https://192.168.10.5:8443` */
export function qrText(content: LabelContent, gateway: LabelledGateway, origin: string): string {
  const { id, label, mac, code } = gateway
  if (content === 'label') return label
  if (content === 'url') return labelUrl(origin, label)
  return JSON.stringify({ id, label, ...(mac !== null && { mac }), code })
}

/** Names are people's text: on a label they stand in one line. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
