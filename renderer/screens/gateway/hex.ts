/** A serial or fingerprint in pairs, its middle left out: enough to compare by eye; the whole stands on hover. */
export function shortHex(text: string): string {
  const digits = text.replace(/[^0-9a-f]/gi, '').toLowerCase()
  const pairs = digits.match(/.{1,2}/g) ?? []
  return pairs.length <= 8 ? pairs.join(':') : `${pairs.slice(0, 5).join(':')}:…:${pairs.slice(-2).join(':')}`
}

/** All of it in groups of four, for reading aloud. */
export function groupedHex(text: string): string {
  return (
    text
      .replace(/[^0-9a-f]/gi, '')
      .toLowerCase()
      .match(/.{1,4}/g) ?? []
  ).join(' ')
}
