/** Where a part of an expression stands in its text: characters, from 0. */
export interface Place {
  start: number
  end: number
}

/** `[GW001/temperature]` or `[=Name]`; `text` is what stands between the brackets, without `=` and escapes. */
export interface Reference extends Place {
  kind: 'channel' | 'calculation'
  text: string
}

export const binaryOperators = ['+', '-', '*', '/', '%', '^', '<', '<=', '>', '>=', '==', '!='] as const
export type BinaryOperator = (typeof binaryOperators)[number]

export type FunctionName = 'min' | 'max' | 'abs' | 'sqrt' | 'round' | 'floor' | 'ceil' | 'if'

/** What a rate counts per. */
export const periods = { s: 1_000, min: 60_000, h: 3_600_000 } as const
export type Period = keyof typeof periods

export type Node =
  | { kind: 'number'; value: number }
  | { kind: 'reference'; reference: Reference }
  | { kind: 'negation'; of: Node }
  | { kind: 'binary'; operator: BinaryOperator; left: Node; right: Node }
  | { kind: 'call'; name: FunctionName; args: Node[] }
  | { kind: 'rate'; reference: Reference; period: Period; rollover: number | null }
  | { kind: 'increase'; reference: Reference; rollover: number | null }

/** Every reference of a tree, in the order of the text. */
export function referencesOf(node: Node): Reference[] {
  switch (node.kind) {
    case 'number':
      return []
    case 'reference':
    case 'rate':
    case 'increase':
      return [node.reference]
    case 'negation':
      return referencesOf(node.of)
    case 'binary':
      return [...referencesOf(node.left), ...referencesOf(node.right)]
    case 'call':
      return node.args.flatMap(referencesOf)
  }
}
