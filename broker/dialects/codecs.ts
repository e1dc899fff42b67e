import type { CodecDefinition } from '#contract/model/dialect.ts'
import { bareCodec } from './bare-codec.ts'
import { decodeValues } from './canonical-codec.ts'
import type { Codec } from './codec.ts'
import { objectCodec, valueObjectCodec } from './object-codecs.ts'
import { decodeValor } from './tds-codec.ts'

/** The codec that a dialect describes. */
export function codecOf(definition: CodecDefinition): Codec {
  switch (definition.format) {
    case 'values':
      return decodeValues
    case 'valor':
      return decodeValor
    case 'value_object':
      return valueObjectCodec(definition)
    case 'object':
      return objectCodec(definition)
    case 'bare':
      return bareCodec(definition)
  }
}
