import { ExpectedError } from '#contract/errors.ts'
import type { BenchSetup } from '#contract/model/flash.ts'
import { GATEWAY_CODE, normalizeMac } from '#contract/model/ids.ts'
import { labelSizes } from '#contract/model/label.ts'
import { readPrinter } from './label-printer.ts'
import { fillPattern, hasNumber } from './naming-pattern.ts'

const NAME_MOST = 100

/** Whether a set-up can name and label what it makes. @throws ExpectedError `run_invalid` */
export function checkSetup(setup: BenchSetup): void {
  const { codePattern, plan, check, labels } = setup
  const refuse = (field: string, problem: string): never => {
    throw new ExpectedError('run_invalid', { field, problem })
  }
  const isNumbered = hasNumber(codePattern) || /\{(mac|label)\}/.test(codePattern)
  if (plan.length === 0 && !isNumbered && setup.expected !== 1)
    refuse('codePattern', 'all boards would have the same code: put {n}, {mac} or {label} into it')
  const sample = { n: 999_999, mac: 'ff:ff:ff:ff:ff:ff', label: 'ESP-FFFFFFFFFFFF' }
  const code = fillPattern(codePattern, sample)
  if (!GATEWAY_CODE.test(code))
    refuse('codePattern', `${code} cannot be a code: use 1 to 30 letters, digits, . - _`)
  if (fillPattern(setup.namePattern, sample).length > NAME_MOST)
    refuse('namePattern', `names have at most ${NAME_MOST} characters`)
  if (check && check.least !== null && check.most !== null && check.least > check.most)
    refuse('check', `${check.least} is more than ${check.most}`)
  const size = labelSizes.find(({ name }) => name === labels.size)
  if (labels.as !== 'none' && !size) refuse('labels.size', `there is no size ${labels.size}`)
  if (labels.as === 'zpl' && size?.kind !== 'roll')
    refuse('labels.size', 'ZPL is for labels on rolls: choose a size of a roll, or PDF')
  if (labels.printer !== null && readPrinter(labels.printer) === null)
    refuse('labels.printer', 'use host:port of a label printer, with port 9100 to 9109 or 6101')
  checkPlan(plan)
}

/** @throws ExpectedError `run_invalid` with the number of the line */
function checkPlan(plan: BenchSetup['plan']): void {
  const lineOfCode = new Map<string, number>()
  const lineOfMac = new Map<string, number>()
  plan.forEach(({ mac, code, name }, index) => {
    const line = index + 1
    const refuse = (problem: string): never => {
      throw new ExpectedError('run_invalid', { field: `plan, line ${line}`, problem })
    }
    if (!GATEWAY_CODE.test(code)) refuse(`${code} cannot be a code`)
    if ((name?.length ?? 0) > NAME_MOST) refuse(`its name has more than ${NAME_MOST} characters`)
    const before = lineOfCode.get(code)
    if (before !== undefined) refuse(`${code} is in line ${before} already`)
    lineOfCode.set(code, line)
    if (mac === undefined) return
    const normal = normalizeMac(mac)
    if (normal === null) refuse(`${mac} is no MAC address`)
    const holder = lineOfMac.get(normal ?? '')
    if (holder !== undefined) refuse(`${normal} is in line ${holder} already`)
    lineOfMac.set(normal ?? '', line)
  })
}
