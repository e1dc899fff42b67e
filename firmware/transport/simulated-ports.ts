import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const hex4 = z.string().regex(/^[0-9a-f]{4}$/)

/** One plugged-in simulated board: what its file in the folder says. */
const SimulatedPortSchema = z.object({
  path: z.string().min(1),
  vendorId: hex4.nullable().default(null),
  productId: hex4.nullable().default(null),
  serialNumber: z.string().nullable().default(null),
  manufacturer: z.string().nullable().default(null),
  /** Unix socket that carries what a pseudo terminal cannot: DTR, RTS and the speed. */
  control: z.string().min(1),
})
export type SimulatedPort = z.infer<typeof SimulatedPortSchema>

/** The folder of simulated boards; undefined where none are wanted, as on every real machine. */
export function simulatedPortsFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env['MILLWRIGHT_SIMULATED_PORTS'] || undefined
}

/** The simulated boards that are plugged in now. A file that cannot be read or understood is no board. */
export async function listSimulatedPorts(folder: string): Promise<SimulatedPort[]> {
  const names = await readdir(folder).catch(() => [])
  const ports = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => readSimulatedPort(join(folder, name))),
  )
  return ports.filter((port) => port !== undefined)
}

async function readSimulatedPort(file: string): Promise<SimulatedPort | undefined> {
  try {
    return SimulatedPortSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return undefined
  }
}
