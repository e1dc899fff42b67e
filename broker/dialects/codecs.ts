import { decodeValues } from './canonical-codec.ts'
import type { Codec, CodecName } from './codec.ts'
import { decodeValor } from './tds-codec.ts'

/** The codecs that dialects name. */
export const codecs: Readonly<Record<CodecName, Codec>> = {
  values: decodeValues,
  valor: decodeValor,
}
