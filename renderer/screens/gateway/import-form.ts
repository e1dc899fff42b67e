import type { ImportOptions } from '#contract/model/telemetry-file.ts'

/** What a person may say of a file; `auto` is found out from it. */
export interface ImportForm {
  layout: 'auto' | 'long' | 'wide'
  separator: 'auto' | ',' | ';' | 'tab'
  decimal: 'auto' | '.' | ','
  time: 'auto' | 'iso' | 's' | 'ms'
  timeZone: string
}

/** Times without a zone are most likely those of the clock on the wall. */
export function emptyForm(): ImportForm {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  return { layout: 'auto', separator: 'auto', decimal: 'auto', time: 'auto', timeZone }
}

export function optionsOf(form: ImportForm): Omit<ImportOptions, 'raw'> {
  return {
    ...(form.layout !== 'auto' && { layout: form.layout }),
    ...(form.separator !== 'auto' && { separator: form.separator }),
    ...(form.decimal !== 'auto' && { decimal: form.decimal }),
    ...(form.time !== 'auto' && { time: form.time }),
    ...(form.timeZone.trim() !== '' && { timeZone: form.timeZone.trim() }),
  }
}
