import { expressionError } from './expression-error.ts'
import type { Place } from './syntax-tree.ts'

export type Token = Place &
  (
    | { kind: 'number'; value: number }
    | { kind: 'name'; text: string }
    | { kind: 'text'; text: string }
    | { kind: 'reference'; of: 'channel' | 'calculation'; text: string }
    | { kind: 'symbol'; text: string }
    | { kind: 'end' }
  )

const SYMBOLS = ['<=', '>=', '==', '!=', '+', '-', '*', '/', '%', '^', '<', '>', '(', ')', ',']

/** Cuts an expression into its parts; the last one is `end`. @throws ExpectedError `expression_invalid` */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < source.length) {
    if (/\s/.test(source.charAt(at))) at++
    else {
      const token = tokenAt(source, at)
      tokens.push(token)
      at = token.end
    }
  }
  tokens.push({ kind: 'end', start: source.length, end: source.length })
  return tokens
}

function tokenAt(source: string, start: number): Token {
  const first = source.charAt(start)
  if (first === '[') return referenceAt(source, start)
  if (first === "'" || first === '"') return textAt(source, start, first)
  if (/[\d.]/.test(first)) return numberAt(source, start)
  if (/[A-Za-z_]/.test(first)) {
    const text = /^\w+/.exec(source.slice(start))?.[0] ?? first
    return { kind: 'name', text, start, end: start + text.length }
  }
  const symbol = SYMBOLS.find((one) => source.startsWith(one, start))
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, start, end: start + symbol.length }
  const what = String.fromCodePoint(source.codePointAt(start) ?? 0)
  throw expressionError('unexpected', { start, end: start + what.length }, { what })
}

function numberAt(source: string, start: number): Token {
  const what = /^[\d.]+(?:[eE][+-]?\d+)?\w*/.exec(source.slice(start))?.[0] ?? ''
  const end = start + what.length
  const value = Number(what)
  if (!/^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(what) || !Number.isFinite(value))
    throw expressionError('number_invalid', { start, end }, { what })
  return { kind: 'number', value, start, end }
}

function textAt(source: string, start: number, quote: string): Token {
  const close = source.indexOf(quote, start + 1)
  if (close < 0) throw expressionError('unexpected', { start, end: start + 1 }, { what: quote })
  return { kind: 'text', text: source.slice(start + 1, close), start, end: close + 1 }
}

/** In a name, `\]` is a bracket and `\\` a backslash. */
function referenceAt(source: string, start: number): Token {
  let text = ''
  for (let at = start + 1; at < source.length; at++) {
    const character = source.charAt(at)
    if (character === ']') {
      const trimmed = text.trim()
      return {
        kind: 'reference',
        of: trimmed.startsWith('=') ? 'calculation' : 'channel',
        text: trimmed.startsWith('=') ? trimmed.slice(1).trim() : trimmed,
        start,
        end: at + 1,
      }
    }
    text += character === '\\' && /[\]\\]/.test(source.charAt(at + 1)) ? source.charAt(++at) : character
  }
  throw expressionError('bracket_open', { start, end: start + 1 })
}

/** A name as it stands between brackets. */
export function bracketed(text: string): string {
  return `[${text.replace(/[\]\\]/g, '\\$&')}]`
}
