import { useTranslation } from 'react-i18next'
import type { MonitorLine } from './monitor-lines.ts'

/** What a line of a board means, in words; null where it means nothing that is known. */
export function useMeaningWords(): (line: Pick<MonitorLine, 'meaning' | 'data'>) => string | null {
  const { t, i18n } = useTranslation('bench')
  return ({ meaning, data }) => {
    if (meaning === null || !i18n.exists(`bench:meaning.${meaning}`)) return null
    const cause = data['cause']
    const after = data['after']
    const reason = data['reason']
    return t(`meaning.${meaning}`, {
      ...data,
      // A panic's cause is the chip's own word; a reset's is one of ours.
      ...(typeof cause === 'string' && {
        cause: meaning === 'panic' ? cause : t(`resetCause.${cause}`, { defaultValue: cause }),
      }),
      ...(meaning === 'wifi_failed' &&
        typeof reason === 'string' && { reason: t(`wifiReason.${reason}`, { defaultValue: reason }) }),
      ...(typeof after === 'string' && {
        after: after === 'brownout' ? t('loopCause.brownout') : t('loopCause.other'),
      }),
    })
  }
}
