/** A name for a new tile; `crypto.randomUUID` is missing where the page came over plain HTTP from another machine. */
export function newTileId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
