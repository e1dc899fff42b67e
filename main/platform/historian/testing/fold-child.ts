import { killRows } from './kill-rows.ts'
import { LocalStore } from './local-store.ts'

/**
 * `node fold-child.ts DIR NOW WRITES STEP`: opens the store, writes the first batches of `killRows` that are not in it
 * yet, and folds; kills itself at step number STEP. A deletion in progress is a step too.
 */
const [dir = '', now = '0', writes = '0', step = '0'] = process.argv.slice(2)
const store = new LocalStore(dir)
store.now = Number(now)
store.open()
for (let batch = 0; batch < Number(writes); batch++) {
  const rows = killRows(batch)
  if (store.lastSeq < (batch + 1) * rows.length) store.write(rows)
}
store.settleAll()
if (process.env['RETIRE']) {
  const classes = [{ id: 'standard', days: 30, evictable: false }]
  store.setRetention({ classes, defaultClass: 'standard', bySeries: new Map(), budgetBytes: null })
}
let left = Number(step)
store.fold(() => {
  if (left-- === 0) process.kill(process.pid, 'SIGKILL')
})
store.close()
