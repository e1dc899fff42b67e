import type { BenchSetup } from '#contract/model/flash.ts'
import { printLabel, readPrinter } from './label-printer.ts'

export interface LabelMaker {
  /** The label of a gateway as ZPL, in its tenant's name. */
  zpl(gatewayId: string, tenantId: string, size: string): Promise<Uint8Array>
}

/**
 * The label of a gateway that passed: printed at once where the run names a printer; else it is in the run's file of labels,
 * which is made when somebody fetches it.
 *
 * @returns whether the gateway has its label
 * @throws ExpectedError `outbound_address_refused`, `outbound_failed`, or as labels are made
 */
export async function labelGateway(
  labels: BenchSetup['labels'],
  of: { gatewayId: string; tenantId: string },
  maker: LabelMaker,
): Promise<boolean> {
  if (labels.as === 'none') return false
  const printer = labels.as === 'zpl' && labels.printer !== null ? readPrinter(labels.printer) : null
  if (printer) await printLabel(printer, await maker.zpl(of.gatewayId, of.tenantId, labels.size))
  return true
}
