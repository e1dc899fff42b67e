/** What a device calls up by namespace and key: `nvs_get_u8` … `nvs_get_str`, `nvs_get_blob`. */
export type NvsValue =
  | { type: 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32'; value: number }
  | { type: 'u64' | 'i64'; value: bigint }
  /** `raw`: the bytes of one that was read and is not UTF-8; they are written back as they are. */
  | { type: 'string'; value: string; raw?: Uint8Array }
  | { type: 'blob'; value: Uint8Array }

/** Namespace, then key; written and read in this order. */
export type NvsContents = Record<string, Record<string, NvsValue>>

export type NvsIntegerType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64'

/** Width in bytes, and whether there is a sign. */
export const integerTypes: Record<NvsIntegerType, { bytes: 1 | 2 | 4 | 8; isSigned: boolean }> = {
  u8: { bytes: 1, isSigned: false },
  i8: { bytes: 1, isSigned: true },
  u16: { bytes: 2, isSigned: false },
  i16: { bytes: 2, isSigned: true },
  u32: { bytes: 4, isSigned: false },
  i32: { bytes: 4, isSigned: true },
  u64: { bytes: 8, isSigned: false },
  i64: { bytes: 8, isSigned: true },
}

export function isIntegerType(type: string): type is NvsIntegerType {
  return Object.hasOwn(integerTypes, type)
}

/** Least and greatest value of an integer type. */
export function integerRange(type: NvsIntegerType): { least: bigint; most: bigint } {
  const { bytes, isSigned } = integerTypes[type]
  const values = 1n << BigInt(bytes * 8)
  return isSigned ? { least: -values / 2n, most: values / 2n - 1n } : { least: 0n, most: values - 1n }
}

/** Wraps an integer of any type. @param value must be within the type's range */
export function integerValue(type: NvsIntegerType, value: bigint): NvsValue {
  return type === 'u64' || type === 'i64' ? { type, value } : { type, value: Number(value) }
}
