import type { SerialPort } from '#contract/model/serial-port.ts'

type UsbAdapter = SerialPort['adapter']

/** Makers of what sits between USB and a board, by USB vendor id; `products` with what is printed on the chip. */
interface AdapterMaker {
  readonly vendorId: string
  readonly adapter: UsbAdapter
  /** For a product that is not listed. */
  readonly guess: string
  readonly products: Readonly<Record<string, string>>
  /** Linux kernel module. */
  readonly module: string
}

export const adapterMakers: readonly AdapterMaker[] = [
  {
    vendorId: '10c4',
    adapter: 'cp210x',
    guess: 'CP210x',
    products: { ea60: 'CP2102', ea70: 'CP2105', ea71: 'CP2108' },
    module: 'cp210x',
  },
  {
    vendorId: '1a86',
    adapter: 'ch34x',
    guess: 'CH34x',
    products: {
      '7523': 'CH340',
      '7522': 'CH340K',
      '5523': 'CH341',
      '55d2': 'CH342',
      '55d3': 'CH343',
      '55d4': 'CH9102',
      '55d5': 'CH344',
    },
    module: 'ch341',
  },
  {
    vendorId: '0403',
    adapter: 'ftdi',
    guess: 'FTDI',
    products: { '6001': 'FT232R', '6010': 'FT2232H', '6011': 'FT4232H', '6014': 'FT232H', '6015': 'FT231X' },
    module: 'ftdi_sio',
  },
  {
    vendorId: '067b',
    adapter: 'prolific',
    guess: 'PL2303',
    products: { '2303': 'PL2303', '23a3': 'PL2303GC', '23c3': 'PL2303GT' },
    module: 'pl2303',
  },
  {
    vendorId: '303a',
    adapter: 'native',
    guess: 'Espressif (USB)',
    products: { '1001': 'ESP32-S3, C3, C6 or H2 (USB)', '0002': 'ESP32-S2 (USB)' },
    module: 'cdc_acm',
  },
]

/** Makers of mobile modems: their ports talk AT commands to a network, and flashing words upset them. */
const modemVendors: ReadonlySet<string> = new Set([
  '05c6', // Qualcomm
  '0bdb', // Ericsson
  '1199', // Sierra Wireless
  '12d1', // Huawei
  '19d2', // ZTE
  '1bc7', // Telit
  '1e0e', // SIMCom
  '2c7c', // Quectel
])

export function isModem(vendorId: string | null): boolean {
  return vendorId !== null && modemVendors.has(vendorId)
}

export function adapterMaker(vendorId: string | null): AdapterMaker | undefined {
  return adapterMakers.find((maker) => maker.vendorId === vendorId)
}

/** What a port probably is, from its USB ids alone. */
export function guessAdapter(
  vendorId: string | null,
  productId: string | null,
): { adapter: UsbAdapter; guess: string | null } {
  const maker = adapterMaker(vendorId)
  if (maker === undefined) return { adapter: 'other', guess: null }
  return { adapter: maker.adapter, guess: maker.products[productId ?? ''] ?? maker.guess }
}
