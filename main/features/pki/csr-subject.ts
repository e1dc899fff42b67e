import { DerError, type DerNode, readObjectIdentifier } from './strict-der.ts'

const COMMON_NAME = '2.5.4.3'
/** X.520 ub-common-name. */
const LONGEST = 64

/** Every common name of a Name; other parts of it count for nothing. RFC 5280 4.1.2.4 @throws DerError */
export function readCommonNames(subject: DerNode): string[] {
  const names: string[] = []
  for (const set of subject.children) {
    if (set.tag !== 0x31) throw new DerError('its subject is not well formed')
    for (const { tag, children } of set.children) {
      const [type, value, ...more] = children
      if (tag !== 0x30 || !type || !value || more.length > 0)
        throw new DerError('its subject is not well formed')
      if (readObjectIdentifier(type) === COMMON_NAME) names.push(readText(value))
    }
  }
  return names
}

/** UTF8String, PrintableString or IA5String: what is written today. @throws DerError */
export function readText({ tag, content }: DerNode): string {
  if (tag !== 0x0c && tag !== 0x13 && tag !== 0x16)
    throw new DerError('it has a text of an old kind: use UTF8String or PrintableString')
  const text = Buffer.from(content).toString('utf8')
  // What is no UTF-8 has become the replacement character.
  if (text.length > LONGEST * 4 || /[\p{Cc}\uFFFD]/u.test(text))
    throw new DerError('it has a text that is too long or not readable')
  return text
}
