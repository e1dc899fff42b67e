import { Checkbox } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { CloudPreview } from '#contract/model/cloud.ts'
import { NOTHING, useFormat } from '#renderer/ui/format.ts'
import { KeyValues } from '#renderer/ui/layout.tsx'
import { Note } from '#renderer/ui/note.tsx'
import { useNow } from '#renderer/ui/now.ts'
import css from '../cloud.module.css'
import { clockDifference } from '../state-words.ts'
import type { StepProps } from './answers.ts'
import own from './join.module.css'
import { StepForm } from './step-form.tsx'

const MONTH = 30 * 86_400_000

/** Who answered: its certificate, what the site is called there, how far away it is. */
export function ServerStep({ answers, change, onNext, onBack }: StepProps) {
  const { t } = useTranslation(['cloud', 'common'])
  const { server } = answers
  return (
    <StepForm
      title={t('join.server.title')}
      text={t('join.server.text')}
      next={t('common:action.continue')}
      onSubmit={onNext}
      onBack={onBack}
    >
      {server !== null && <Server server={server} isOwnCa={answers.login.ca.trim() !== ''} />}
      {server !== null && server.lastUsed !== null && (
        <Used lastUsed={server.lastUsed}>
          <Checkbox
            label={t('server.used.takeOver')}
            description={t('server.used.takeOverHint')}
            checked={answers.takeOver}
            onChange={(event) => change({ takeOver: event.currentTarget.checked })}
          />
        </Used>
      )}
    </StepForm>
  )
}

/** Who had this login before: two plants must not share one. */
function Used(props: { lastUsed: NonNullable<CloudPreview['lastUsed']>; children: ReactNode }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const { at, version } = props.lastUsed
  return (
    <Note
      tone="yellow"
      title={t('server.used.title', { at: format.dateTime(at), version: version ?? NOTHING })}
    >
      <p>{t('server.used.text')}</p>
      {props.children}
    </Note>
  )
}

function Server({ server, isOwnCa }: { server: CloudPreview; isOwnCa: boolean }) {
  const { t } = useTranslation('cloud')
  const format = useFormat()
  const now = useNow()
  const { address, certificate } = server
  const difference = clockDifference(server.clockOffset)
  const endsSoon = certificate.notAfter - now < MONTH
  return (
    <>
      <div className={own.framed}>
        <KeyValues
          pairs={[
            [t('server.siteName'), <b key="name">{server.siteName}</b>],
            [
              t('server.host'),
              <code
                key="host"
                className={css.wrap}
              >{`${address.host}:${address.port}/${address.database}`}</code>,
            ],
            [
              t('server.role'),
              <code key="role" className={css.wrap}>
                {address.username}
              </code>,
            ],
            [t('server.version'), t(`server.storage.${server.storage}`, { version: server.serverVersion })],
            [t('server.roundTrip'), `${format.integer(server.roundTrip)} ms`],
            [
              t('server.clock'),
              difference === null
                ? t('server.clocksAgree')
                : t('server.clocksDiffer', { span: format.span(Math.abs(difference)) }),
            ],
          ]}
        />
      </div>
      <div className={own.framed}>
        <KeyValues
          pairs={[
            [
              t('certificate.subject'),
              <span key="s" className={css.wrap}>
                {certificate.subject}
              </span>,
            ],
            [
              t('certificate.issuer'),
              <span key="i" className={css.wrap}>
                {certificate.issuer}
              </span>,
            ],
            [t('certificate.trust'), t(isOwnCa ? 'certificate.ownCa' : 'certificate.publicCa')],
            [
              t('certificate.until'),
              <span key="u" title={format.utc(certificate.notAfter)}>
                {format.date(certificate.notAfter)}
              </span>,
            ],
            [
              'SHA-256',
              <code key="f" className={css.wrap}>
                {certificate.fingerprint}
              </code>,
            ],
          ]}
        />
      </div>
      {difference !== null && (
        <Note
          tone="yellow"
          title={t(difference > 0 ? 'clock.ahead' : 'clock.behind', {
            span: format.span(Math.abs(difference)),
          })}
        >
          {t('clock.todo')}
        </Note>
      )}
      {endsSoon && (
        <Note
          tone="yellow"
          title={t('certificate.endsSoon', { span: format.age(Math.max(0, certificate.notAfter - now)) })}
        >
          {t('certificate.endsSoonTodo')}
        </Note>
      )}
    </>
  )
}
