import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GatewaySetup } from './gateway-setup.ts'

type Request = { id: number; do: string; set?: Record<string, unknown> }

/** A gateway on the other end: takes whole lines, as the firmware does. */
class Gateway {
  readonly asked: Request[] = []
  answer: (request: Request) => string | undefined = () => undefined
  readonly setup = new GatewaySetup('/dev/ttyUSB0', async (bytes) =>
    this.#take(Buffer.from(bytes).toString()),
  )
  #text = ''

  say(text: string): void {
    this.setup.hear(Buffer.from(text))
  }

  #take(text: string): void {
    const lines = (this.#text + text).split('\n')
    this.#text = lines.pop() ?? ''
    for (const line of lines) {
      if (!line.startsWith('MW ')) throw new Error(`Not a request: ${line}`)
      const request = JSON.parse(line.slice(3)) as Request
      this.asked.push(request)
      const answer = this.answer(request)
      if (answer !== undefined) setTimeout(() => this.say(answer), 1)
    }
  }
}

let gateway: Gateway
beforeEach(() => {
  vi.useFakeTimers()
  gateway = new Gateway()
})
afterEach(() => vi.useRealTimers())

const soon = async <T>(work: Promise<T>): Promise<T> => {
  work.catch(() => undefined)
  await vi.advanceTimersByTimeAsync(40_000)
  return work
}

describe('setup of a gateway over its serial line', () => {
  it('asks and reads the answer between log lines', async () => {
    gateway.answer = ({ id }) =>
      `I (3) main: up\r\npartial log MW {"id":${id},"ok":true,"is":"millwright-gateway","version":"1.0.0"}\r\nmore\n`
    expect(await soon(gateway.setup.call({ do: 'hello' }))).toEqual({
      is: 'millwright-gateway',
      version: '1.0.0',
    })
  })

  it('asks a board again that is still starting, and takes a late answer', async () => {
    let asked = 0
    gateway.answer = ({ id }) => (++asked < 3 ? undefined : `MW {"id":${id - 1},"ok":true}\n`)
    expect(await soon(gateway.setup.call({ do: 'hello' }))).toEqual({})
    expect(gateway.asked.map((request) => request.id)).toEqual([1, 2, 3])
  })

  it('asks for a key and for settings once only', async () => {
    await expect(soon(gateway.setup.call({ do: 'csr' }))).rejects.toMatchObject({
      code: 'setup_silent',
      data: { port: '/dev/ttyUSB0' },
    })
    await expect(soon(gateway.setup.call({ do: 'settings', set: {} }))).rejects.toMatchObject({
      code: 'setup_silent',
    })
    expect(gateway.asked.map((request) => request.do)).toEqual(['csr', 'settings'])
  })

  it('sends long settings whole', async () => {
    gateway.answer = ({ id }) => `MW {"id":${id},"ok":true}\n`
    const certificate = 'x'.repeat(6000)
    await soon(gateway.setup.call({ do: 'settings', set: { certificate } }))
    expect(gateway.asked[0]?.set).toEqual({ certificate })
    await expect(
      soon(gateway.setup.call({ do: 'settings', set: { certificate: 'x'.repeat(20_000) } })),
    ).rejects.toMatchObject({ code: 'setup_failed' })
  })

  it('passes on why the board says no, within bounds', async () => {
    gateway.answer = ({ id }) =>
      `MW ${JSON.stringify({ id, ok: false, error: `no room\n${'x'.repeat(500)}` })}\n`
    const error = await soon(gateway.setup.call({ do: 'csr' })).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'setup_failed', data: { reason: `no room ${'x'.repeat(192)}` } })
  })

  it('is not taken in by half answers, answers to others and floods', async () => {
    gateway.answer = ({ id }) =>
      [
        `MW {"id":${id},"ok":tr`,
        'MW {"id":99,"ok":true,"wrong":1}',
        'MW [1]',
        `MW {"id":"${id}","ok":true}`,
        `MW {"id":${id},"ok":true,"x":"${'y'.repeat(20_000)}"}`,
        `MW {"id":${id},"ok":true,"right":1}`,
        '',
      ].join('\n')
    expect(await soon(gateway.setup.call({ do: 'csr' }))).toEqual({ right: 1 })
  })

  it('asks one thing at a time', async () => {
    gateway.answer = ({ id, do: what }) => `MW {"id":${id},"ok":true,"did":"${what}"}\n`
    const both = Promise.all([gateway.setup.call({ do: 'hello' }), gateway.setup.call({ do: 'status' })])
    expect(await soon(both)).toEqual([{ did: 'hello' }, { did: 'status' }])
  })
})
