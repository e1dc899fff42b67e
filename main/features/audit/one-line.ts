/** Control characters, line and paragraph separators, and what turns the direction of writing round. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

/**
 * Text from outside as one line that a store gives back as it was: line breaks and the like become visible (`\u000a`),
 * halves of surrogate pairs, which UTF-8 cannot hold, are replaced.
 */
export function oneLine(text: string, most = 300): string {
  return escapeLine(text.slice(0, most)).toWellFormed()
}

/** The same escapes; they are those of JSON. */
export function escapeLine(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\u${code.toString(16).padStart(4, '0')}`
  })
}
