import { csrRefused } from './csr-refusal.ts'
import { readText } from './csr-subject.ts'
import { DerError, type DerNode, readObjectIdentifier, readStrictDer } from './strict-der.ts'

/** What a request says beside its subject and its key. */
export interface CsrWishes {
  alternativeNames: string[]
  challenge: string | null
}

const CHALLENGE_PASSWORD = '1.2.840.113549.1.9.7'
/** RFC 2985 5.4.2, and Microsoft's own older number of the same. */
const EXTENSION_REQUEST = ['1.2.840.113549.1.9.14', '1.3.6.1.4.1.311.2.1.14']

/**
 * The attributes of a request. Asked-for extensions give no rights, for the profile of gateways decides what a certificate
 * says; rights beyond it are refused all the same, so that nobody believes to have got them.
 *
 * @throws DerError; ExpectedError `csr_refused`
 */
export function readCsrAttributes(attributes: DerNode[]): CsrWishes {
  const wishes: CsrWishes = { alternativeNames: [], challenge: null }
  for (const attribute of attributes) {
    const [type, values, ...more] = attribute.children
    if (attribute.tag !== 0x30 || !type || values?.tag !== 0x31 || more.length > 0)
      throw new DerError('its attributes are not well formed')
    const name = readObjectIdentifier(type)
    for (const value of values.children) {
      if (name === CHALLENGE_PASSWORD) wishes.challenge = readText(value)
      if (EXTENSION_REQUEST.includes(name)) readExtensions(value, wishes)
    }
  }
  return wishes
}

function readExtensions({ tag, children }: DerNode, wishes: CsrWishes): void {
  if (tag !== 0x30) throw new DerError('its extensions are not well formed')
  for (const extension of children) {
    const [type, ...rest] = extension.children
    const value = rest.at(-1)
    const critical = rest.length === 2 ? rest[0] : undefined
    if (
      extension.tag !== 0x30 ||
      !type ||
      value?.tag !== 0x04 ||
      rest.length > 2 ||
      (critical && critical.tag !== 0x01)
    )
      throw new DerError('its extensions are not well formed')
    readExtension(readObjectIdentifier(type), {
      value: value.content,
      isCritical: critical?.content[0] === 0xff,
      wishes,
    })
  }
}

function readExtension(
  type: string,
  { value, isCritical, wishes }: { value: Uint8Array; isCritical: boolean; wishes: CsrWishes },
): void {
  switch (type) {
    case '2.5.29.19':
      return requireNoAuthority(readStrictDer(value))
    case '2.5.29.15':
      return requireNoSigning(readStrictDer(value))
    case '2.5.29.37':
      return requireClientOnly(readStrictDer(value))
    case '2.5.29.17':
      wishes.alternativeNames.push(...readAlternativeNames(readStrictDer(value)))
      return
    default:
      // RFC 5280 4.2: what is critical must not be passed over by who does not know it.
      if (isCritical)
        throw csrRefused(
          'asks_too_much',
          `it asks for the critical extension ${type}, which gateways do not get`,
        )
  }
}

/** RFC 5280 4.2.1.9 */
function requireNoAuthority({ tag, children }: DerNode): void {
  const [first] = children
  if (tag !== 0x30 || (first?.tag === 0x01 && first.content[0] !== 0) || first?.tag === 0x02)
    throw csrRefused('asks_too_much', 'it asks to be a certificate authority (CA:TRUE)')
}

/** RFC 5280 4.2.1.3: bit 5 signs certificates, bit 6 revocation lists. */
function requireNoSigning({ tag, content }: DerNode): void {
  if (tag !== 0x03) throw new DerError('its extensions are not well formed')
  if (((content[1] ?? 0) & 0x06) !== 0)
    throw csrRefused(
      'asks_too_much',
      'it asks to sign certificates or revocation lists (keyCertSign, cRLSign)',
    )
}

/** RFC 5280 4.2.1.12 */
function requireClientOnly({ tag, children }: DerNode): void {
  if (tag !== 0x30) throw new DerError('its extensions are not well formed')
  for (const purpose of children)
    if (readObjectIdentifier(purpose) !== '1.3.6.1.5.5.7.3.2')
      throw csrRefused('asks_too_much', 'it asks for more than client authentication (extended key usage)')
}

/** DNS names and URIs; any other kind of name is foreign to gateways. RFC 5280 4.2.1.6 */
function readAlternativeNames({ tag, children }: DerNode): string[] {
  if (tag !== 0x30) throw new DerError('its extensions are not well formed')
  return children.map((name) => {
    if (name.tag !== 0x82 && name.tag !== 0x86)
      throw csrRefused(
        'name_foreign',
        'its alternative names may only be DNS names and URIs of the box itself',
      )
    return readText({ ...name, tag: 0x16 })
  })
}
