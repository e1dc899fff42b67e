import { useTranslation } from 'react-i18next'
import type { ReadingCheck } from '#contract/model/flash.ts'
import { useFormat } from '#renderer/ui/format.ts'

/** `207 to 253`, `at least 207`: what a first reading is held against. */
export function useLimitWords(): (check: Pick<ReadingCheck, 'least' | 'most'>) => string {
  const { t } = useTranslation('bench')
  const format = useFormat()
  return ({ least, most }) => {
    if (least !== null && most !== null)
      return t('limits.between', { least: format.number(least), most: format.number(most) })
    if (least !== null) return t('limits.least', { least: format.number(least) })
    return most === null ? t('limits.any') : t('limits.most', { most: format.number(most) })
  }
}
