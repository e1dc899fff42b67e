/** One element of a DER encoding from outside, with what is in it where it is constructed. */
export interface DerNode {
  tag: number
  content: Uint8Array
  /** With tag and length. */
  raw: Uint8Array
  children: DerNode[]
}

/** What an encoding from outside may be: far more than any request of a gateway needs. */
const DEEPEST = 12
const MOST_ELEMENTS = 500

export class DerError extends Error {}

/**
 * Reads one element that fills its buffer, with all that is in it. Strict as DER is (X.690 10.1): definite lengths in their
 * shortest form, and nothing behind. Bounded in depth and number, so that no encoding costs more than its bytes.
 *
 * @throws DerError
 */
export function readStrictDer(bytes: Uint8Array): DerNode {
  const budget = { left: MOST_ELEMENTS }
  const [node, ...rest] = readAll(bytes, 0, budget)
  if (!node || rest.length > 0) throw new DerError('it is not one element')
  return node
}

function readAll(bytes: Uint8Array, depth: number, budget: { left: number }): DerNode[] {
  if (depth > DEEPEST) throw new DerError('it is nested too deep')
  const nodes: DerNode[] = []
  for (let at = 0; at < bytes.length; ) {
    if (budget.left-- === 0) throw new DerError('it has too many elements')
    const tag = bytes[at] ?? 0
    // X.690 8.1.2.4: tags above 30. No format that is read here has one.
    if ((tag & 0x1f) === 0x1f) throw new DerError('it has an unknown tag')
    const { size, header } = readLength(bytes, at + 1)
    const start = at + 1 + header
    const end = start + size
    if (end > bytes.length) throw new DerError('an element runs past its end')
    const content = bytes.subarray(start, end)
    const children = (tag & 0x20) === 0 ? [] : readAll(content, depth + 1, budget)
    nodes.push({ tag, content, raw: bytes.subarray(at, end), children })
    at = end
  }
  return nodes
}

function readLength(bytes: Uint8Array, at: number): { size: number; header: number } {
  const first = bytes[at]
  if (first === undefined) throw new DerError('it ends in an element')
  if (first < 0x80) return { size: first, header: 1 }
  const octets = first & 0x7f
  // 0: the indefinite form of BER. More than three: more than anything that is read here.
  if (octets === 0 || octets > 3) throw new DerError('it has a length that DER does not allow')
  let size = 0
  for (let n = 1; n <= octets; n++) {
    const octet = bytes[at + n]
    if (octet === undefined) throw new DerError('it ends in a length')
    size = size * 256 + octet
  }
  if (size < 0x80 || size < 256 ** (octets - 1)) throw new DerError('it has a length that DER does not allow')
  return { size, header: 1 + octets }
}

/** The dotted form of an OBJECT IDENTIFIER's content. X.690 8.19 @throws DerError */
export function readObjectIdentifier({ tag, content }: DerNode): string {
  if (tag !== 0x06 || content.length === 0 || content.length > 40)
    throw new DerError('it has no identifier where one belongs')
  const arcs: number[] = []
  let arc = 0
  for (const octet of content) {
    arc = arc * 128 + (octet & 0x7f)
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw new DerError('it has an identifier that is too long')
    if (octet < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  if (((content.at(-1) ?? 0) & 0x80) !== 0) throw new DerError('it has an identifier that does not end')
  const [joint = 0, ...rest] = arcs
  const first = Math.min(2, Math.floor(joint / 40))
  return [first, joint - first * 40, ...rest].join('.')
}
