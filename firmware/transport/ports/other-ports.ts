import type { FoundPort } from './found-port.ts'

/** What serialport's `list()` tells of one port. */
interface ListedPort {
  path: string
  manufacturer?: string | undefined
  serialNumber?: string | undefined
  pnpId?: string | undefined
  locationId?: string | undefined
  vendorId?: string | undefined
  productId?: string | undefined
}

/** serialport's list of Windows or macOS in our words. */
export function fromListed(listed: readonly ListedPort[]): FoundPort[] {
  return (
    listed
      // Bluetooth, debug consoles and ports of the mainboard have no USB ids; nor is a board on any of them.
      .filter((port) => hex4(port.vendorId) !== null)
      .map((port) => ({
        // macOS has two names for each port; `tty.` waits for a carrier, which no board gives.
        path: port.path.replace(/^\/dev\/tty\./, '/dev/cu.'),
        vendorId: hex4(port.vendorId),
        productId: hex4(port.productId),
        serialNumber: port.serialNumber ?? null,
        manufacturer: port.manufacturer ?? null,
        location: port.locationId ?? port.pnpId ?? null,
      }))
      .sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }))
  )
}

function hex4(id: string | undefined): string | null {
  return id === undefined || !/^(0x)?[0-9a-f]{1,4}$/i.test(id)
    ? null
    : id.toLowerCase().replace(/^0x/, '').padStart(4, '0')
}
