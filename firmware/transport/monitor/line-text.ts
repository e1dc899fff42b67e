const decoder = new TextDecoder('utf-8')

/** Colours, cursor moves, titles. ECMA-48 5.4 (CSI) and 8.3.89 (OSC). */
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/g

/** The text of a line of a board. Control characters are left out; `keepColours` keeps escape sequences. */
export function lineText(bytes: Uint8Array, options: { keepColours?: boolean } = {}): string {
  const text = decoder.decode(bytes).replace(controls, '')
  return options.keepColours === true ? text : text.replace(escapes, '').replaceAll('\u001b', '')
}

/** Fewer bytes than this prove nothing. */
const NOISE_FROM = 8
const NOISE_SHARE = 0.3

/**
 * Whether bytes are what a line at another speed looks like: too many that no text has. A board that speaks
 * another language in UTF-8 is text.
 */
export function isNoise(bytes: Uint8Array): boolean {
  if (bytes.length < NOISE_FROM) return false
  const text = decoder.decode(bytes)
  let strange = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    const isControl = code < 0x20 && code !== 0x09 && code !== 0x1b && code !== 0x0a && code !== 0x0d
    if (isControl || code === 0xfffd || (code >= 0x7f && code < 0xa0)) strange++
  }
  return strange / text.length > NOISE_SHARE
}
