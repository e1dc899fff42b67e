import { describe, expect, it } from 'vitest'
import { BenchSetupSchema } from '#contract/model/flash.ts'
import { idOf } from './bench.fixture.ts'
import {
  formOf,
  freshSetup,
  problemsOf,
  readSetup,
  type SetupForm,
  setupOf,
  writeSetup,
} from './setup-form.ts'

const good: SetupForm = { ...freshSetup, bundleId: idOf(1) }

describe('the set-up of a run', () => {
  it('is refused field by field', () => {
    expect(problemsOf(good, false)).toEqual([])
    expect(problemsOf(freshSetup, true)).toEqual(['tenant', 'bundle'])
    const wrong: [Partial<SetupForm>, string][] = [
      [{ codePattern: 'GW001' }, 'codePattern'],
      [{ codePattern: 'GW{x}' }, 'codePattern'],
      [{ namePattern: '' }, 'namePattern'],
      [{ firstNumber: '1.5' }, 'firstNumber'],
      [{ expected: '0' }, 'expected'],
      [{ least: '1' }, 'channel'],
      [{ channel: 'u', least: '253', most: '207' }, 'limits'],
      [{ labels: { as: 'zpl', size: 'roll-50x25', printer: 'printer' } }, 'printer'],
      [{ atOnce: '65' }, 'atOnce'],
      [{ contactWithin: '' }, 'contactWithin'],
      [{ plan: ',bad code' }, 'plan'],
    ]
    for (const [part, problem] of wrong) expect(problemsOf({ ...good, ...part }, false)).toEqual([problem])
  })

  it('is what the contract takes', () => {
    const setup = setupOf({
      ...good,
      channel: ' u ',
      least: '207,5',
      most: '',
      atOnce: '4',
      plan: ',GW1',
    })
    expect(BenchSetupSchema.parse(setup)).toMatchObject({
      check: { channel: 'u', least: 207.5, most: null },
      atOnce: 4,
      expected: 1,
      contactWithin: 90,
    })
    expect(setupOf(freshSetup)).toBeNull()
  })

  it('comes back as it was, but for its plan', () => {
    const setup = setupOf({ ...good, tenant: idOf(7), channel: 'u', least: '207', plan: ',GW1' })
    const kept = readSetup(writeSetup(setup as NonNullable<typeof setup>))
    expect(kept).toEqual({ ...good, tenant: idOf(7), channel: 'u', least: '207', expected: '1' })
    const { tenant: _, ...rest } = setup as NonNullable<typeof setup>
    expect(formOf(rest, idOf(7))).toEqual({ ...kept, expected: '' })
  })

  it('is a fresh one where what was kept makes no sense', () => {
    for (const odd of [null, '', '{', 'null', '[]', '7', '{"bundleId": 1}', '{"speed": 7}'])
      expect(readSetup(odd)).toEqual(freshSetup)
  })
})
