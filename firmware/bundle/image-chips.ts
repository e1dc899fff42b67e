import type { ChipFamily } from '#contract/model/board.ts'

/** `chip_id` in the extended header of an image (esp_app_format.h, esp_chip_id_t). */
const imageChipIds: Record<ChipFamily, number> = {
  ESP32: 0x0000,
  'ESP32-S2': 0x0002,
  'ESP32-C3': 0x0005,
  'ESP32-S3': 0x0009,
  'ESP32-C2': 0x000c,
  'ESP32-C6': 0x000d,
  'ESP32-H2': 0x0010,
}

export function imageChipId(chip: ChipFamily): number {
  return imageChipIds[chip]
}

/** For people; a chip that Millwright does not know is its number. */
export function imageChipName(id: number): string {
  const known = Object.entries(imageChipIds).find(([, one]) => one === id)
  return known?.[0] ?? `chip 0x${id.toString(16).padStart(4, '0')}`
}
