import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Account } from '#contract/api/account.ts'
import { api } from '#renderer/api/client.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { Card } from '#renderer/ui/layout.tsx'
import css from './account.module.css'
import { FactorProofDialog } from './factor-proof-dialog.tsx'
import { FactorSetup } from './factor-setup.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { accountChanged } from './use-account.ts'

type Open = 'setup' | 'renew' | 'remove' | null

/** Recovery codes at which one is told to make new ones. */
const FEW = 3

/** The second factor: set it up, new recovery codes, remove it. */
export function FactorCard({ account }: { account: Account }) {
  const { t } = useTranslation(['account', 'common'])
  const format = useFormat()
  const [open, setOpen] = useState<Open>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const { since, recoveryCodesLeft, isRequired } = account.secondFactor
  const close = () => {
    setOpen(null)
    setCodes(null)
    accountChanged()
  }
  return (
    <Card title={t('factor.title')} end={since === null ? t('factor.off') : t('factor.on')}>
      <div className={css.form}>
        {since === null ? (
          <p>{t('factor.offText')}</p>
        ) : (
          <>
            <p>{t('factor.onText', { date: format.date(since) })}</p>
            <p className={recoveryCodesLeft <= FEW ? 't-orange' : 'sec'}>
              {t('factor.left', { count: recoveryCodesLeft })}
            </p>
          </>
        )}
        {isRequired && <p className="small sec">{t('factor.required')}</p>}
        <div className={css.row}>
          {since === null && (
            <Button variant="filled" onClick={() => setOpen('setup')}>
              {t('factor.setUp')}
            </Button>
          )}
          {since !== null && <Button onClick={() => setOpen('renew')}>{t('factor.renew')}</Button>}
          {since !== null && !isRequired && (
            <Button onClick={() => setOpen('remove')}>{t('factor.remove')}</Button>
          )}
        </div>
      </div>
      {(open === 'setup' || codes !== null) && (
        <Modal
          opened
          // Codes that were not kept are lost with a slip of the mouse.
          closeOnClickOutside={false}
          closeOnEscape={codes === null}
          onClose={close}
          closeButtonProps={{ 'aria-label': t('common:action.close') }}
          title={codes === null ? t('factor.setUp') : t('factor.codes')}
          size="lg"
        >
          {codes === null ? <FactorSetup onDone={close} /> : <RecoveryCodes codes={codes} onKept={close} />}
        </Modal>
      )}
      {open === 'renew' && codes === null && (
        <FactorProofDialog
          title={t('factor.renew')}
          text={t('factor.renewText')}
          button={t('factor.renew')}
          run={async (proof) => setCodes((await api.account.newRecoveryCodes(proof)).recoveryCodes)}
          onClose={close}
        />
      )}
      {open === 'remove' && (
        <FactorProofDialog
          title={t('factor.remove')}
          text={t('factor.removeText')}
          button={t('factor.remove')}
          isDangerous
          run={async (proof) => {
            await api.account.removeSecondFactor(proof)
            close()
          }}
          onClose={close}
        />
      )}
    </Card>
  )
}
