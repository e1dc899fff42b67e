import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type LineFixture, lineFixture } from './line.fixture.ts'
import { LineRing } from './line-ring.ts'
import { MonitorSession } from './monitor-session.ts'

let line: LineFixture
let session: MonitorSession
beforeEach(() => {
  vi.useFakeTimers({ now: 5000 })
  line = lineFixture()
  session = new MonitorSession(line)
  session.start()
})
afterEach(() => vi.useRealTimers())

function listen(): { text: string[]; dropped: number[] } {
  const heard = { text: [] as string[], dropped: [] as number[] }
  session.onLines((lines, dropped) => {
    heard.text.push(...lines.map((each) => each.text))
    heard.dropped.push(dropped)
  })
  return heard
}

describe('a monitor', () => {
  it('hands on lines together, with time and meaning', async () => {
    const got: unknown[] = []
    session.onLines((lines) => got.push(lines))
    line.say('rst:0x1 (POWERON_RESET)')
    line.say(',boot:0x13 (X)\r\nhello\r\n')
    await vi.advanceTimersByTimeAsync(60)
    expect(got).toEqual([
      [
        expect.objectContaining({ at: 5000, meaning: 'reset' }),
        { at: 5000, text: 'hello', meaning: null, data: {} },
      ],
    ])
  })

  it('keeps what came before somebody listened', async () => {
    line.say('early\n')
    await vi.advanceTimersByTimeAsync(1000)
    expect(listen().text).toEqual(['early'])
  })

  it('shows a prompt that has no end of line after a silence', async () => {
    const heard = listen()
    line.say('login: ')
    await vi.advanceTimersByTimeAsync(200)
    expect(heard.text).toEqual([])
    await vi.advanceTimersByTimeAsync(400)
    expect(heard.text).toEqual(['login: '])
  })

  it('loses the oldest lines of a flood, and says how many', () => {
    line.say('x\n'.repeat(10_500))
    const heard = listen()
    expect(heard.text.length).toBe(10_000)
    expect(heard.dropped).toEqual([500])
  })

  it('bounds the bytes that it keeps, too', () => {
    const ring = new LineRing({ lines: 100, bytes: 50 })
    for (const text of ['1'.repeat(10), '2'.repeat(10), '3'.repeat(10)]) {
      ring.push({ at: 0, text, meaning: null, data: {} })
    }
    expect(ring.take()).toMatchObject({ lines: [{ text: '2222222222' }, { text: '3333333333' }], dropped: 1 })
    expect(ring.take()).toEqual({ lines: [], dropped: 0 })
  })

  it('sends text and resets the board', async () => {
    await session.send('reboot\r\n')
    expect(line.written).toEqual(['reboot\r\n'])
    await session.reset()
    expect(line.resets).toBe(1)
  })

  it('keeps what setup says and what a board echoes of it out of the log', async () => {
    const heard = listen()
    line.say('MW {"id":1,"do":"settings","set":{"wifi":[{"ssid":"A","psk":"a secret"}]}}\nboot\n')
    line.say('> MW {"id":1,"ok":true}\n')
    await vi.advanceTimersByTimeAsync(400)
    expect(heard.text).toEqual(['boot'])
  })

  it('ends with its last words when the cable is pulled, and fails a call that waits', async () => {
    const heard = listen()
    const call = session.call({ do: 'hello' })
    line.say('last wor')
    line.unplug()
    await expect(call).rejects.toMatchObject({ code: 'port_lost' })
    expect(await session.ended).toMatchObject({ code: 'port_lost', data: { port: '/dev/ttyUSB0' } })
    expect(heard.text).toEqual(['last wor'])
  })

  it('ends without an error when it is closed', async () => {
    await session.close()
    await session.close()
    expect(await session.ended).toBeNull()
  })
})
