import { ORPCError } from '@orpc/client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { api } from '#renderer/api/client.ts'
import { liveQuery } from '#renderer/api/live.ts'
import { type MonitorLine, withLines } from './monitor-lines.ts'

/** Lines that come meanwhile are drawn together, ms. */
const DRAW = 60

export interface Monitor {
  lines: readonly MonitorLine[]
  /** Lines that the site left out because they came too fast. */
  dropped: number
  /** Null until the port is open. */
  monitorId: string | null
  /** Why it is not open any more. */
  error: unknown
  clear(): void
  /** Opens the port again, after it was closed. */
  again(): void
}

/** Listens on a port for as long as it is shown. @param reset boot the board at the start, once */
export function useMonitor(port: string, baud: number, reset: boolean): Monitor {
  const [lines, setLines] = useState<readonly MonitorLine[]>([])
  const [dropped, setDropped] = useState(0)
  const [monitorId, setMonitorId] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [round, setRound] = useState(0)
  const first = useRef(reset)
  useEffect(() => {
    const waiting: Omit<MonitorLine, 'id'>[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const draw = () => {
      timer = undefined
      const added = waiting.splice(0)
      setLines((before) => withLines(before, added))
    }
    setError(null)
    const stop = liveQuery(
      (signal) => {
        const asked = { port, baud, reset: first.current }
        first.current = false
        return api.bench.monitor(asked, { signal })
      },
      {
        onValue(message) {
          if (message.event === 'open') return setMonitorId(message.monitorId)
          if (message.event === 'lines') {
            waiting.push(...message.lines)
            if (message.dropped > 0) setDropped((before) => before + message.dropped)
            timer ??= setTimeout(draw, DRAW)
            return
          }
          // The port is gone: it is for the person to open it again.
          stop()
          setMonitorId(null)
          setError(new ORPCError(message.code, { message: message.message, data: { port, step: '' } }))
        },
        onError(refusal) {
          setMonitorId(null)
          setError(refusal)
        },
      },
    )
    return () => {
      stop()
      clearTimeout(timer)
      setMonitorId(null)
    }
  }, [port, baud, round])
  return {
    lines,
    dropped,
    monitorId,
    error,
    clear: useCallback(() => {
      setLines([])
      setDropped(0)
    }, []),
    again: useCallback(() => setRound((before) => before + 1), []),
  }
}
