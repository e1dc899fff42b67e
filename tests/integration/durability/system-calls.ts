/** One system call of a trace, with where it began and where it returned (line numbers of the trace). */
export interface SystemCall {
  name: string
  fd: number
  bytes: Buffer
  began: number
  returned: number
}

/**
 * Reads what `strace -f -xx -o FILE` wrote: calls of all threads, those that were interrupted by another thread's
 * line put together again.
 */
export function readTrace(text: string): SystemCall[] {
  const unfinished = new Map<string, SystemCall>()
  const calls: SystemCall[] = []
  text.split('\n').forEach((line, index) => {
    const match = /^(\d+)\s+(.*)$/.exec(line)
    const [, thread = '', rest = ''] = match ?? []
    const resumed = /^<\.\.\. (\w+) resumed>/.exec(rest)
    if (resumed) {
      const call = unfinished.get(thread)
      if (call) calls.push({ ...call, returned: index })
      unfinished.delete(thread)
      return
    }
    const begun = /^(\w+)\((\d+)/.exec(rest)
    if (!begun) return
    const call: SystemCall = {
      name: begun[1] ?? '',
      fd: Number(begun[2]),
      bytes: bytesOf(rest),
      began: index,
      returned: index,
    }
    if (rest.includes('<unfinished ...>')) unfinished.set(thread, call)
    else calls.push(call)
  })
  return calls.toSorted((a, b) => a.began - b.began)
}

/** Everything between quotes, `\x40\x02…`, in order. */
function bytesOf(line: string): Buffer {
  const quoted = line.match(/"((?:\\x[0-9a-f]{2})*)"/g) ?? []
  return Buffer.from(quoted.join('').replace(/["\\x]/g, ''), 'hex')
}

/** Packet ids that a write to a socket acknowledges. [MQTT-3.4] PUBACK: 40 02, then the packet id. */
export function acknowledgedIn({ name, bytes }: SystemCall): number[] {
  if (!/^(write|writev|sendto|sendmsg)$/.test(name) || bytes.length === 0 || bytes.length % 4 !== 0) return []
  const ids: number[] = []
  for (let at = 0; at < bytes.length; at += 4) {
    if (bytes.readUInt16BE(at) !== 0x4002) return []
    ids.push(bytes.readUInt16BE(at + 2))
  }
  return ids
}

/**
 * Acknowledgements that were not earned: no write of the row's text, followed by a sync of that file, had both
 * returned before the acknowledgement's write began.
 *
 * @param rows the text by which each packet id's row can be told
 */
export function unearned(
  calls: SystemCall[],
  rows: Map<number, string>,
): { acknowledged: number; unearned: number[] } {
  const synced = new Set<string>()
  const written: { fd: number; text: string; returned: number }[] = []
  const syncs = calls.filter(({ name }) => name === 'fsync' || name === 'fdatasync')
  const texts = [...rows.values()]
  for (const call of calls) {
    if (!call.name.startsWith('pwrite')) continue
    const content = call.bytes.toString('latin1')
    for (const text of texts)
      if (content.includes(text)) written.push({ fd: call.fd, text, returned: call.returned })
  }
  const found: number[] = []
  let acknowledged = 0
  for (const call of calls) {
    for (const id of acknowledgedIn(call)) {
      const text = rows.get(id)
      if (text === undefined) continue
      acknowledged++
      const isSynced =
        synced.has(text) ||
        written.some(
          (write) =>
            write.text === text &&
            syncs.some(
              ({ fd, began, returned }) => fd === write.fd && began > write.returned && returned < call.began,
            ),
        )
      if (isSynced) synced.add(text)
      else found.push(id)
    }
  }
  return { acknowledged, unearned: found }
}
