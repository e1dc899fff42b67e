import { useTranslation } from 'react-i18next'
import type { FirmwareBundle } from '#contract/api/firmware.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import css from './firmware.module.css'

/** Who signed a bundle, and whether that counts: a mark where it does not. */
export function Signature({ bundle }: { bundle: Pick<FirmwareBundle, 'trust' | 'publisher'> }) {
  const words = useSignatureWords()(bundle)
  return (
    <span className={css.state} title={words}>
      {bundle.trust === 'untrusted' && <StateMark mark="due" size={14} />}
      <span className={bundle.trust === 'signed' ? 'ellipsis' : 'ellipsis sec'}>{words}</span>
    </span>
  )
}

export function useSignatureWords(): (bundle: Pick<FirmwareBundle, 'trust' | 'publisher'>) => string {
  const { t } = useTranslation('firmware')
  return ({ trust, publisher }) =>
    publisher === null ? t(`trust.${trust}`) : t('trust.signedBy', { name: publisher.name })
}

/** `7a1f 09c2 …`: in groups, for people compare it. */
export function groupsOf(fingerprint: string): string {
  return (fingerprint.match(/.{1,4}/g) ?? []).join(' ')
}
