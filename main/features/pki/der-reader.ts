/** One element as it lies in its buffer. */
export interface DerElement {
  tag: number
  content: Uint8Array
}

/**
 * The elements of a constructed content, one level deep. Only for what this site wrote itself.
 *
 * @throws Error when the lengths do not add up
 */
export function readElements(content: Uint8Array): DerElement[] {
  const elements: DerElement[] = []
  for (let at = 0; at < content.length; ) {
    const tag = content[at] ?? 0
    let size = content[at + 1] ?? 0
    at += 2
    if (size > 0x80) {
      const octets = size & 0x7f
      size = content.subarray(at, at + octets).reduce((sum, octet) => sum * 256 + octet, 0)
      at += octets
    }
    if (at + size > content.length) throw new Error('DER element runs past its end')
    elements.push({ tag, content: content.subarray(at, at + size) })
    at += size
  }
  return elements
}

/**
 * The value of a certificate's extension, or null. RFC 5280 4.1: `tbsCertificate` is the first element,
 * `extensions` its `[3]`.
 *
 * @param id the extension's OBJECT IDENTIFIER as DER, with tag and length
 */
export function extensionValue(certificate: Uint8Array, id: Uint8Array): Uint8Array | null {
  const tbs = readElements(firstOf(readElements(certificate)).content)[0]
  const extensions = readElements(tbs?.content ?? new Uint8Array()).find(({ tag }) => tag === 0xa3)
  if (!extensions) return null
  for (const { content } of readElements(firstOf(readElements(extensions.content)).content)) {
    const [type, ...rest] = readElements(content)
    if (type && Buffer.compare(type.content, id.subarray(2)) === 0) return rest.at(-1)?.content ?? null
  }
  return null
}

function firstOf(elements: DerElement[]): DerElement {
  const [first] = elements
  if (!first) throw new Error('DER element is empty')
  return first
}
