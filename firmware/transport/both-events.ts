/** What serialport's POSIX bindings wait with; `poll` takes the events as bits. */
interface Poller {
  poll(events?: number): void
  listenerCount(event: 'readable' | 'writable'): number
}

const READABLE = 1
const WRITABLE = 2

/**
 * Mends how serialport 13 waits on Linux and macOS. Its poller replaces what it waits for by what was asked last: a
 * read that begins to wait while a write does makes it deaf to "writable", and where the device speaks only after it
 * got all bytes (a flash block) both wait for ever. Here each call asks for all that somebody waits for.
 */
export function waitForBothEvents(binding: object): void {
  if (!('poller' in binding)) return
  const poller = binding.poller as Poller
  const ask = poller.poll.bind(poller)
  poller.poll = (events = 0) => {
    const reads = poller.listenerCount('readable') > 0 ? READABLE : 0
    const writes = poller.listenerCount('writable') > 0 ? WRITABLE : 0
    ask(events | reads | writes)
  }
}
