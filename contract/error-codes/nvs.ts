/** NVS partition images and partition tables. */
export const nvsErrors = {
  nvs_size_invalid: {
    status: 422,
    message: 'An NVS partition has at least three whole pages of 4096 bytes: {size} bytes is no such size',
  },
  nvs_image_truncated: {
    status: 422,
    message:
      'This NVS image has {size} bytes, which is not three or more whole pages of 4096: it is cut off, or no NVS image',
  },
  nvs_image_corrupt: { status: 422, message: 'The NVS image is not sound at {at}: {problem}' },
  nvs_encrypted: { status: 422, message: 'The NVS image is encrypted, or none at all: give its key file' },
  nvs_not_encrypted: { status: 422, message: 'The NVS image is not encrypted: leave the key file out' },
  nvs_key_wrong: { status: 422, message: 'This is not the key of the NVS image: no entry of it can be read' },
  nvs_key_file_invalid: { status: 422, message: 'This is no NVS key file: {problem}' },
  nvs_too_small: {
    status: 422,
    message: 'The content needs an NVS partition of {need} bytes, this one has {size}',
  },
  nvs_key_invalid: { status: 422, message: 'The key "{key}" cannot be used: {problem}' },
  nvs_key_too_long: {
    status: 422,
    message: 'The key "{key}" has {length} bytes, NVS takes {most} at the most',
  },
  nvs_string_too_long: {
    status: 422,
    message:
      'The string {key} has {length} bytes with its end mark, NVS takes {most} at the most: make it a blob',
  },
  nvs_blob_too_long: {
    status: 422,
    message: 'The blob {key} has {length} bytes, NVS takes {most} at the most',
  },
  nvs_value_invalid: { status: 422, message: 'The value of {key} cannot be stored: {problem}' },
  nvs_too_many_namespaces: {
    status: 422,
    message: 'These are {count} namespaces, NVS takes {most} at the most',
  },
  nvs_csv_invalid: { status: 422, message: 'Line {line}: {problem}' },
  partition_table_invalid: { status: 422, message: 'The partition table is not sound: {problem}' },
} as const
