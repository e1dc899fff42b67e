import { basename } from 'node:path'
import type { SerialPort } from '#contract/model/serial-port.ts'
import { listSimulatedPorts, type SimulatedPort, simulatedPortsFolder } from '../simulated-ports.ts'
import type { FoundPort } from './found-port.ts'
import { listLinuxPorts } from './linux-ports.ts'
import { fromListed } from './other-ports.ts'
import { type FindHolders, portAccess } from './port-access.ts'
import { type SystemPaths, systemPaths } from './system-paths.ts'
import { guessAdapter, isModem } from './usb-adapters.ts'

export interface ListPortsOptions {
  /** The folder of simulated ports; by default the one that the environment names. */
  simulatedPorts?: string | undefined
  system?: SystemPaths | undefined
  /** Looks for the programs that hold ports. */
  findHolders?: FindHolders | undefined
}

/** The serial ports of this machine that a board can be on, simulated ones last. Never rejects. */
export async function listPorts(options: ListPortsOptions = {}): Promise<SerialPort[]> {
  const system = options.system ?? systemPaths
  const folder = options.simulatedPorts ?? simulatedPortsFolder()
  const simulated = folder === undefined ? [] : await listSimulatedPorts(folder)
  const real = (await listRealPorts(system)).filter((port) => !isModem(port.vendorId))
  const access = await portAccess(
    [...real, ...simulated].map((port) => port.path),
    new Set(simulated.map((port) => port.path)),
    system,
    options.findHolders,
  )
  return [...real.map(describeReal), ...simulated.map(describeSimulated)].map((port) => ({
    ...port,
    access: access.get(port.path) ?? { state: 'free' },
  }))
}

async function listRealPorts(system: SystemPaths): Promise<FoundPort[]> {
  if (process.platform === 'linux') return listLinuxPorts(system)
  return fromListed(await listedPorts())
}

/** USB ids of what a port belongs to; lower-case hex. */
export type UsbIds = Pick<FoundPort, 'vendorId' | 'productId'>

/** The USB ids of one real port; null where it is none, or is not listed. Never rejects. */
export async function findUsbIds(path: string, system: SystemPaths = systemPaths): Promise<UsbIds> {
  const port = (await listRealPorts(system)).find((each) => each.path === path)
  return { vendorId: port?.vendorId ?? null, productId: port?.productId ?? null }
}

function describeReal(port: FoundPort): SerialPort {
  return {
    path: port.path,
    name: nameOf(port.path),
    identity: identityOf(port),
    vendorId: port.vendorId,
    productId: port.productId,
    serialNumber: port.serialNumber,
    manufacturer: port.manufacturer,
    ...guessAdapter(port.vendorId, port.productId),
    isSimulated: false,
    access: { state: 'free' },
  }
}

function describeSimulated(port: SimulatedPort): SerialPort {
  const { path, vendorId, productId, serialNumber, manufacturer } = port
  return {
    path,
    name: nameOf(path),
    identity: `simulated:${serialNumber ?? path}`,
    vendorId,
    productId,
    serialNumber,
    manufacturer,
    ...guessAdapter(vendorId, productId),
    isSimulated: true,
    access: { state: 'free' },
  }
}

/** `ttyUSB0`, `COM5`; of a simulated port `pts/5`, for `5` says nothing. */
function nameOf(path: string): string {
  return path.startsWith('/dev/pts/') ? path.slice('/dev/'.length) : basename(path)
}

/**
 * Adapter and socket. Many adapters share one serial number (`0001`), so the socket counts too; and a chip that is
 * its own adapter shows other products and serial numbers while it starts, so of those the socket alone counts.
 */
function identityOf(port: FoundPort): string {
  const { vendorId, productId, serialNumber, location } = port
  if (vendorId === null) return `port:${port.path}`
  const { adapter } = guessAdapter(vendorId, productId)
  if (adapter === 'native' && location !== null) return `usb:${vendorId}@${location}`
  return `usb:${vendorId}:${productId ?? ''}:${serialNumber ?? ''}@${location ?? port.path}`
}

/** None where the system does not tell, or the library's native part does not load: then opening a port says why. */
async function listedPorts() {
  try {
    const { SerialPort: SerialPortPackage } = await import('serialport')
    return await SerialPortPackage.list()
  } catch {
    return []
  }
}
