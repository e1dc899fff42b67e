import { describe, expect, it } from 'vitest'
import { faultsOf, looksLikeEmail, looksLikeHostName, noAnswers, stepsOf } from './answers.ts'

describe('the questions of the set-up', () => {
  it('begin with the code only where it is required', () => {
    expect(stepsOf(true)[0]).toBe('code')
    expect(stepsOf(false)).toEqual(['site', 'admin', 'network', 'summary'])
  })

  it('name each field that cannot stay as it is', () => {
    expect(faultsOf('site', { ...noAnswers, siteName: '  ' })).toEqual({ siteName: 'siteMissing' })
    expect(faultsOf('admin', { ...noAnswers, email: 'a@b', password: 'short', repeat: 'other' })).toEqual({
      email: 'emailInvalid',
      password: 'passwordShort',
      repeat: 'repeatDiffers',
    })
    expect(faultsOf('network', { ...noAnswers, name: 'plant 1' })).toEqual({
      addresses: 'addressMissing',
      name: 'nameInvalid',
    })
  })

  it('count characters of a password as people do', () => {
    const password = '🔧🔩⚙🧰🔌💡🧲📦🏭🚰🌡🛠'
    expect(faultsOf('admin', { ...noAnswers, email: 'a@b.example', password, repeat: password })).toEqual({})
  })

  it('refuse a password that is easy to guess: of names, known words or repeats', () => {
    const answers = {
      ...noAnswers,
      email: 'marta@b.example',
      password: 'martamartamarta',
      repeat: 'martamartamarta',
    }
    expect(faultsOf('admin', answers)).toEqual({ password: 'passwordWeak' })
    for (const password of ['Password1234', 'ababababababab'])
      expect(faultsOf('admin', { ...answers, password, repeat: password })).toEqual({
        password: 'passwordWeak',
      })
  })

  it('let every complete answer pass', () => {
    const answers = {
      ...noAnswers,
      siteName: 'Plant 1',
      email: 'a@b.example',
      password: 'correct horse battery',
      repeat: 'correct horse battery',
      addresses: ['10.0.0.1'],
    }
    for (const step of stepsOf(false)) expect(faultsOf(step, answers)).toEqual({})
  })
})

describe('spellings', () => {
  it.each(['a@b.example', ' marta.ferreira@plant.example '])('%s is an e-mail address', (text) => {
    expect(looksLikeEmail(text)).toBe(true)
  })

  it.each(['', 'a', 'a@b', 'a b@c.example', 'a@b.', 'a@@b.example'])('%s is not', (text) => {
    expect(looksLikeEmail(text)).toBe(false)
  })

  it.each(['plant', 'millwright.plant.local', 'a-1.b'])('%s is a host name', (text) => {
    expect(looksLikeHostName(text)).toBe(true)
  })

  it.each(['-a', 'a-', 'a..b', 'a_b', `${'a'.repeat(64)}.local`])('%s is not', (text) => {
    expect(looksLikeHostName(text)).toBe(false)
  })
})
