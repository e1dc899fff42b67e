/** Bytes of a block or rollup that cannot be what was written: a wrong checksum, a count past its limit, a cut end. */
export class BlockDamaged extends Error {
  override readonly name = 'BlockDamaged'
}
