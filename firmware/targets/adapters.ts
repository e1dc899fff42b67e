/** USB ids that decide how a chip is reset into its loader. */
export const adapters = {
  /** Espressif: the chip itself is the USB device. */
  espressif: 0x303a,
  /** USB-Serial/JTAG of S3, C3, C6, H2. */
  usbJtagProduct: 0x1001,
} as const
