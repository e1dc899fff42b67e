import { type BenchSetup, BenchSetupSchema, NAMING_PATTERN } from '#contract/model/flash.ts'
import { readPlan } from './plan.ts'

export const speeds = [115_200, 230_400, 460_800, 921_600, 1_500_000] as const

/** What a person chose for a run; numbers are as they stand in their fields. */
export interface SetupForm {
  /** Id; null: none is chosen, or there is only one. */
  tenant: string | null
  bundleId: string | null
  profile: string | null
  group: string | null
  wifiId: string | null
  codePattern: string
  namePattern: string
  firstNumber: string
  expected: string
  channel: string
  least: string
  most: string
  startByItself: boolean
  eraseAll: boolean
  keyOnChip: boolean
  labels: BenchSetup['labels']
  speed: BenchSetup['speed']
  atOnce: string
  contactWithin: string
  /** CSV, as it was pasted or read. */
  plan: string
}

export type SetupProblem =
  | 'tenant'
  | 'bundle'
  | 'codePattern'
  | 'namePattern'
  | 'firstNumber'
  | 'expected'
  | 'limits'
  | 'channel'
  | 'printer'
  | 'atOnce'
  | 'contactWithin'
  | 'plan'

export const freshSetup: SetupForm = {
  tenant: null,
  bundleId: null,
  profile: null,
  group: null,
  wifiId: null,
  codePattern: 'GW{n:03}',
  namePattern: '{label}',
  firstNumber: '',
  expected: '',
  channel: '',
  least: '',
  most: '',
  startByItself: true,
  eraseAll: false,
  keyOnChip: false,
  labels: { as: 'none', size: 'roll-50x25', printer: null },
  speed: 460_800,
  atOnce: '',
  contactWithin: '90',
  plan: '',
}

const PRINTER = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]+\]):\d{1,5}$/
/** A code has to differ from board to board. */
const VARIES = /\{n(?::0?\d)?\}|\{mac\}|\{label\}/

/** @param tenantNeeded more than one tenant is there to choose from */
export function problemsOf(form: SetupForm, tenantNeeded: boolean): SetupProblem[] {
  const check = (problem: SetupProblem, isWrong: boolean) => (isWrong ? [problem] : [])
  const least = numberOf(form.least)
  const most = numberOf(form.most)
  return [
    ...check('tenant', tenantNeeded && form.tenant === null),
    ...check('bundle', form.bundleId === null),
    ...check('codePattern', !NAMING_PATTERN.test(form.codePattern.trim()) || !VARIES.test(form.codePattern)),
    ...check('namePattern', !NAMING_PATTERN.test(form.namePattern.trim())),
    ...check('firstNumber', !isWhole(form.firstNumber, 0, 999_999)),
    ...check('expected', !isWhole(form.expected, 1, 5_000)),
    ...check('channel', form.channel.trim() === '' && (least !== null || most !== null)),
    ...check('limits', least !== null && most !== null && least > most),
    ...check(
      'printer',
      form.labels.as === 'zpl' && form.labels.printer !== null && !PRINTER.test(form.labels.printer),
    ),
    ...check('atOnce', !isWhole(form.atOnce, 1, 64)),
    ...check('contactWithin', form.contactWithin.trim() === '' || !isWhole(form.contactWithin, 10, 900)),
    ...check('plan', readPlan(form.plan).faults.length > 0),
  ]
}

/** As the site takes it. @returns null while no bundle is chosen */
export function setupOf(form: SetupForm): (BenchSetup & { tenant?: string }) | null {
  if (form.bundleId === null) return null
  const channel = form.channel.trim()
  const plan = readPlan(form.plan).lines
  return {
    bundleId: form.bundleId,
    profile: form.profile,
    group: form.group,
    wifiId: form.wifiId,
    codePattern: form.codePattern.trim(),
    namePattern: form.namePattern.trim(),
    firstNumber: numberOf(form.firstNumber),
    expected: plan.length > 0 ? plan.length : numberOf(form.expected),
    check: channel === '' ? null : { channel, least: numberOf(form.least), most: numberOf(form.most) },
    startByItself: form.startByItself,
    eraseAll: form.eraseAll,
    labels: form.labels,
    speed: form.speed,
    atOnce: numberOf(form.atOnce),
    keyOnChip: form.keyOnChip,
    contactWithin: numberOf(form.contactWithin) ?? freshContact,
    plan,
    ...(form.tenant !== null && { tenant: form.tenant }),
  }
}

const freshContact = Number(freshSetup.contactWithin)

/** The form of a run that was, to begin the next one with; its plan is used up. */
export function formOf(setup: BenchSetup, tenant: string): SetupForm {
  return {
    tenant,
    bundleId: setup.bundleId,
    profile: setup.profile,
    group: setup.group,
    wifiId: setup.wifiId,
    codePattern: setup.codePattern,
    namePattern: setup.namePattern,
    firstNumber: '',
    expected: setup.plan.length > 0 ? '' : textOf(setup.expected),
    channel: setup.check?.channel ?? '',
    least: textOf(setup.check?.least),
    most: textOf(setup.check?.most),
    startByItself: setup.startByItself,
    eraseAll: setup.eraseAll,
    keyOnChip: setup.keyOnChip,
    labels: setup.labels,
    speed: setup.speed,
    atOnce: textOf(setup.atOnce),
    contactWithin: textOf(setup.contactWithin),
    plan: '',
  }
}

/** What was begun last on this machine; anything odd in it is as if it were not there. */
export function readSetup(stored: string | null): SetupForm {
  try {
    const value: unknown = JSON.parse(stored ?? 'null')
    const { tenant, ...setup } = value as { tenant?: unknown }
    const parsed = BenchSetupSchema.safeParse(setup)
    if (parsed.success)
      return { ...formOf(parsed.data, ''), tenant: typeof tenant === 'string' ? tenant : null }
  } catch {
    // Not JSON, or not an object.
  }
  return freshSetup
}

/** Plans hold what is printed on boxes that are flashed by now: they are not kept. */
export function writeSetup(setup: BenchSetup & { tenant?: string }): string {
  return JSON.stringify({ ...setup, plan: [], firstNumber: null })
}

/** A decimal number, with a comma as well; null: empty, or not a number. */
export function numberOf(text: string): number | null {
  const plain = text.trim().replace(',', '.').replace('−', '-')
  if (plain === '') return null
  const value = Number(plain)
  return Number.isFinite(value) ? value : null
}

/** Whether a field that may be empty holds a whole number of a range. */
function isWhole(text: string, least: number, most: number): boolean {
  if (text.trim() === '') return true
  const value = numberOf(text)
  return value !== null && Number.isInteger(value) && value >= least && value <= most
}

function textOf(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}
