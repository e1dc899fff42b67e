/** Firmware bundles and who signs them. */
export const firmwareErrors = {
  bundle_zip_damaged: {
    status: 422,
    message: 'The file is not a ZIP that can be read ({cause}): download it again, or pack it anew',
  },
  bundle_too_large: {
    status: 413,
    message: '{what} is larger than {limit} bytes, the most that a bundle may have',
  },
  bundle_too_many_files: {
    status: 422,
    message: 'The bundle has more than {limit} files: pack only the manifest and its parts',
  },
  bundle_path_refused: {
    status: 422,
    message:
      'The path "{path}" leaves the folder of the bundle: name parts relative to manifest.json, inside its folder',
  },
  bundle_manifest_missing: {
    status: 422,
    message: 'There is no manifest.json in the bundle: pack it beside the parts that it names',
  },
  bundle_manifest_invalid: {
    status: 422,
    message: 'manifest.json cannot be used: {issues}',
  },
  bundle_chips_unsupported: {
    status: 422,
    message: 'The bundle is for {chips} only: Millwright flashes ESP32, S2, S3, C3, C6, C2 and H2',
  },
  bundle_part_missing: {
    status: 422,
    message: 'manifest.json names {path}, which is not in the bundle: add the file',
  },
  bundle_part_empty: { status: 422, message: '{path} is empty: build the firmware again' },
  bundle_part_changed: {
    status: 422,
    message:
      '{path} has the {field} {actual}, manifest.json says {expected}: the file was cut off or changed',
  },
  bundle_offset_unaligned: {
    status: 422,
    message: '{part} is at {offset}: offsets are whole flash sectors of 4096 bytes',
  },
  bundle_partition_table_missing: {
    status: 422,
    message: 'The build for {chip} has no partition table at 0x8000: add the part',
  },
  bundle_partition_exceeded: {
    status: 422,
    message:
      '{part} has {need} bytes, its partition {partition} only {size}: enlarge the partition or shrink the part',
  },
  bundle_part_misplaced: {
    status: 422,
    message:
      '{part} at {offset} is not at the start of a partition: correct its offset or the partition table',
  },
  bundle_bootloader_missing: {
    status: 422,
    message: 'The build for {chip} has no bootloader at {offset}, where this chip begins: correct the offset',
  },
  bundle_app_missing: {
    status: 422,
    message: 'The build for {chip} fills none of its app partitions: add the app',
  },
  bundle_image_none: {
    status: 422,
    message: '{part} begins with {byte} and not with 0xe9: it is not an image for a chip of this family',
  },
  bundle_image_truncated: {
    status: 422,
    message: '{part} ends {missing} bytes too early: the file was cut off',
  },
  bundle_image_damaged: {
    status: 422,
    message: 'The {what} in {part} does not fit its bytes: the file was changed or damaged',
  },
  bundle_image_other_chip: {
    status: 422,
    message: '{part} is for {actual}, the build says {wanted}: take the image for {wanted}',
  },
  bundle_nvs_missing: {
    status: 422,
    message:
      'The build for {chip} has no NVS partition "{partition}" of 12288 bytes or more, which a gateway needs for its identity',
  },
  bundle_signature_broken: {
    status: 422,
    message:
      'The signature of the bundle does not fit ({cause}): it was changed after it was signed; get it anew',
  },
  bundle_too_slow: {
    status: 503,
    message: 'The bundle was not read within {seconds} s: the disk is slow or busy, try again later',
  },
  bundle_simulated: {
    status: 422,
    message: '{name} {version} is for simulated boards only: a real board would not start with it',
  },
  bundle_known: {
    status: 409,
    message: 'This bundle is here already: {name} {version}',
  },
  too_many_bundles: {
    status: 409,
    message: 'There are {limit} bundles already: delete one first',
  },
  bundle_in_use: {
    status: 409,
    message: '{name} {version} is used by {runs} open runs of the bench: end them first',
  },
  bundle_lacks_chip: {
    status: 422,
    message: '{name} {version} has no build for {chip}, only for {chips}: choose another bundle',
  },
  bundle_unsigned: {
    status: 403,
    message:
      '{name} {version} is not signed, and {tenant} flashes only signed bundles: sign it, or take a signed one',
  },
  bundle_publisher_untrusted: {
    status: 403,
    message:
      '{name} {version} is signed by {key}, whom {tenant} does not trust: add the publisher, or take another bundle',
  },
  publisher_known: {
    status: 409,
    message: 'This key is that of the publisher "{name}" already',
  },
  publisher_name_taken: {
    status: 409,
    message: 'There is already a publisher named "{name}": choose another name',
  },
  publisher_key_invalid: {
    status: 400,
    message: 'This is not an Ed25519 public key: give its PEM, or its 32 bytes in Base64',
  },
  too_many_publishers: {
    status: 409,
    message: 'There are {limit} publishers already: remove one first',
  },
} as const
