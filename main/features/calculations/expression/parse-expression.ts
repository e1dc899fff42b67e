import { expressionError } from './expression-error.ts'
import { type BinaryOperator, type FunctionName, type Node, periods, type Reference } from './syntax-tree.ts'
import { type Token, tokensOf } from './tokens.ts'

/** Nesting of parentheses, calls and powers. */
const DEPTH_MAX = 60
const NODES_MAX = 500

/** Binary operators from the loosest to the tightest; each level from left to right. */
const levels: readonly (readonly BinaryOperator[])[] = [
  ['<', '<=', '>', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/', '%'],
]

/** How many arguments a function takes, at least and at most. */
const functions: Record<FunctionName, { least: number; most: number; wanted: string }> = {
  min: { least: 1, most: 32, wanted: '1 to 32 arguments' },
  max: { least: 1, most: 32, wanted: '1 to 32 arguments' },
  abs: { least: 1, most: 1, wanted: '1 argument' },
  sqrt: { least: 1, most: 1, wanted: '1 argument' },
  round: { least: 1, most: 2, wanted: '1 or 2 arguments' },
  floor: { least: 1, most: 1, wanted: '1 argument' },
  ceil: { least: 1, most: 1, wanted: '1 argument' },
  if: { least: 3, most: 3, wanted: '3 arguments' },
}

/**
 * Reads an expression over channels, such as `([GW001/power] - [GW002/power]) / 1000`. Recursive descent over a
 * grammar of its own, since `[gateway/channel]` is an array of a division to general parsers:
 *
 *     comparison = sum (("<" | "<=" | ">" | ">=" | "==" | "!=") sum)*
 *     sum        = product (("+" | "-") product)*
 *     product    = unary (("*" | "/" | "%") unary)*
 *     unary      = ("-" | "+") unary | power
 *     power      = primary ["^" unary]
 *     primary    = number | reference | "(" comparison ")" | name "(" comparison ("," comparison)* ")"
 *
 * @throws ExpectedError `expression_invalid`, with the position and what is wrong there
 */
export function parseExpression(source: string): Node {
  return new Parser(tokensOf(source)).parse()
}

class Parser {
  readonly #tokens: Token[]
  #at = 0
  #depth = 0
  #nodes = 0

  constructor(tokens: Token[]) {
    this.#tokens = tokens
  }

  parse(): Node {
    if (this.#peek().kind === 'end') throw expressionError('empty', { start: 0, end: 1 })
    const node = this.#level(0)
    if (this.#peek().kind !== 'end') throw this.#unexpected()
    return node
  }

  #level(index: number): Node {
    const operators = levels[index]
    if (operators === undefined) return this.#unary()
    let left = this.#level(index + 1)
    while (true) {
      const operator = operators.find((one) => this.#isSymbol(one))
      if (operator === undefined) return left
      this.#at++
      left = this.#made({ kind: 'binary', operator, left, right: this.#level(index + 1) })
    }
  }

  #unary(): Node {
    if (this.#skip('-')) return this.#deeper(() => this.#made({ kind: 'negation', of: this.#unary() }))
    if (this.#skip('+')) return this.#deeper(() => this.#unary())
    const base = this.#primary()
    if (!this.#skip('^')) return base
    // From right to left, as on paper: 2^3^2 is 2^9; and -2^2 is -4.
    return this.#deeper(() => this.#made({ kind: 'binary', operator: '^', left: base, right: this.#unary() }))
  }

  #primary(): Node {
    const token = this.#peek()
    switch (token.kind) {
      case 'number':
        this.#at++
        return this.#made({ kind: 'number', value: token.value })
      case 'reference':
        return this.#made({ kind: 'reference', reference: this.#reference() })
      case 'name':
        this.#at++
        return this.#call(token)
      default:
        if (!this.#skip('(')) throw this.#unexpected()
        return this.#deeper(() => {
          const inner = this.#level(0)
          this.#close(token)
          return inner
        })
    }
  }

  #call(name: Token & { kind: 'name' }): Node {
    const called = name.text.toLowerCase()
    const open = this.#peek()
    if (!this.#skip('(')) throw expressionError('unexpected', name, { what: name.text })
    if (called === 'rate' || called === 'increase') return this.#counter(called, name, open)
    if (!Object.hasOwn(functions, called))
      throw expressionError('unknown_function', name, { what: name.text })
    const { least, most, wanted } = functions[called as FunctionName]
    return this.#deeper(() => {
      const args: Node[] = []
      if (!this.#isSymbol(')')) {
        do args.push(this.#level(0))
        while (this.#skip(','))
      }
      this.#close(open)
      if (args.length < least || args.length > most)
        throw expressionError('argument_count', name, { what: called, wanted })
      return this.#made({ kind: 'call', name: called as FunctionName, args })
    })
  }

  /** `rate([channel], 's' | 'min' | 'h', rollover?)`, `increase([channel], rollover?)` */
  #counter(called: 'rate' | 'increase', name: Token, open: Token): Node {
    const token = this.#peek()
    if (token.kind !== 'reference' || token.of !== 'channel')
      throw expressionError('needs_channel', token.kind === 'end' ? name : token, { what: called })
    const reference = this.#reference()
    if (called === 'increase') {
      const rollover = this.#rollover()
      this.#close(open)
      return this.#made({ kind: 'increase', reference, rollover })
    }
    if (!this.#skip(',')) throw expressionError('period_invalid', this.#peek())
    const period = this.#next()
    if (period.kind !== 'text' || !Object.hasOwn(periods, period.text))
      throw expressionError('period_invalid', period)
    const rollover = this.#rollover()
    this.#close(open)
    return this.#made({ kind: 'rate', reference, period: period.text as keyof typeof periods, rollover })
  }

  #rollover(): number | null {
    if (!this.#skip(',')) return null
    const token = this.#next()
    if (token.kind !== 'number' || token.value <= 0) throw expressionError('rollover_invalid', token)
    return token.value
  }

  #reference(): Reference {
    const token = this.#next()
    if (token.kind !== 'reference') throw this.#unexpected(token)
    return { kind: token.of, text: token.text, start: token.start, end: token.end }
  }

  #close(open: Token): void {
    if (this.#skip(')')) return
    if (this.#peek().kind === 'end') throw expressionError('parenthesis_open', open)
    throw this.#unexpected()
  }

  #deeper(read: () => Node): Node {
    if (++this.#depth > DEPTH_MAX) throw expressionError('too_complex', this.#peek())
    const node = read()
    this.#depth--
    return node
  }

  #made(node: Node): Node {
    if (++this.#nodes > NODES_MAX) throw expressionError('too_complex', this.#peek())
    return node
  }

  #peek(): Token {
    return this.#tokens[this.#at] as Token
  }

  #next(): Token {
    const token = this.#peek()
    if (token.kind !== 'end') this.#at++
    return token
  }

  #isSymbol(text: string): boolean {
    const token = this.#peek()
    return token.kind === 'symbol' && token.text === text
  }

  #skip(text: string): boolean {
    if (!this.#isSymbol(text)) return false
    this.#at++
    return true
  }

  #unexpected(token = this.#peek()) {
    if (token.kind === 'end') return expressionError('unexpected_end', token)
    return expressionError('unexpected', token, { what: shown(token) })
  }
}

function shown(token: Token): string {
  switch (token.kind) {
    case 'number':
      return String(token.value)
    case 'reference':
      return `[${token.of === 'calculation' ? '=' : ''}${token.text}]`
    case 'end':
      return ''
    default:
      return token.text
  }
}
