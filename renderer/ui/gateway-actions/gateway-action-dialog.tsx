import { Button, Modal, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { GatewayState } from '#contract/model/gateway.ts'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '../note.tsx'
import { useFocusBack } from '../use-focus-back.ts'
import css from './gateway-actions.module.css'
import { Results } from './results.tsx'
import { type Outcome, runAll } from './run-all.ts'

export type GatewayAction = 'suspend' | 'resume' | 'unclaim' | 'revoke'

export interface ActionGateway {
  id: string
  code: string
  name: string
}

/** domain.md: active <-> suspended; claimed or active -> unclaimed; any -> revoked. */
export function actionFits(action: GatewayAction, state: GatewayState): boolean {
  if (action === 'suspend' || action === 'unclaim') return state === 'active' || state === 'claimed'
  if (action === 'resume') return state === 'suspended'
  return state !== 'revoked'
}

const AT_ONCE = 4

/**
 * Asks, does and tells: suspend, resume, unclaim or revoke one gateway or many. What cannot be undone names what is lost and
 * asks to type the code (of many: their number). Of many, a table tells how each ended, and the failed ones can be tried again.
 */
export function GatewayActionDialog(props: {
  action: GatewayAction
  gateways: readonly ActionGateway[]
  onClose(): void
}) {
  const { t } = useTranslation('common')
  const { action } = props
  useFocusBack()
  const [gateways, setGateways] = useState(props.gateways)
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const [outcomes, setOutcomes] = useState<Outcome<ActionGateway>[] | null>(null)
  const [running, setRunning] = useState(false)
  const [left, setLeft] = useState(false)
  const cancel = useRef<AbortController | null>(null)
  const count = gateways.length
  const code = gateways[0]?.code ?? ''
  const word = count === 1 ? code : String(count)
  const grave = action === 'revoke' || action === 'unclaim' ? action : null
  const confirmed = grave === null || typed.trim() === word

  const run = async (list: readonly ActionGateway[]) => {
    const controller = new AbortController()
    cancel.current = controller
    setGateways(list)
    setOutcomes([])
    setRunning(true)
    const note = reason.trim()
    const input = (gateway: ActionGateway) => ({
      gateway: gateway.id,
      ...(note === '' ? {} : { reason: note }),
    })
    const done = await runAll(list, (gateway) => api.gateways[action](input(gateway)), {
      atOnce: AT_ONCE,
      signal: controller.signal,
      onOutcome: (outcome) => setOutcomes((before) => [...(before ?? []), outcome]),
    })
    setRunning(false)
    if (list.length === 1 && done[0]?.ok === true) props.onClose()
  }
  const close = () => {
    cancel.current?.abort()
    props.onClose()
  }
  const single = count === 1 ? outcomes?.[0] : undefined
  const showResults = outcomes !== null && count > 1
  return (
    <Modal
      opened
      onClose={close}
      title={t(`gatewayAction.${action}.title`, { count, code })}
      size={480}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {showResults ? (
        <Results
          all={gateways}
          outcomes={outcomes}
          running={running}
          onCancel={() => cancel.current?.abort()}
          onRetry={(failed) => void run(failed)}
          onClose={close}
        />
      ) : (
        <form
          className={css.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            setLeft(true)
            if (confirmed && !running) void run(gateways)
          }}
        >
          {count > 1 && <p className={css.codes}>{gateways.map((gateway) => gateway.code).join(', ')}</p>}
          {count === 1 && <p className="sec">{gateways[0]?.name}</p>}
          {grave !== null && (
            <>
              <p>{t(`gatewayAction.${grave}.lose`)}</p>
              <p>{t(`gatewayAction.${grave}.keep`)}</p>
            </>
          )}
          {(action === 'suspend' || action === 'resume') && <p>{t(`gatewayAction.${action}.text`)}</p>}
          <TextInput
            label={t('gatewayAction.reason')}
            description={t('gatewayAction.reasonHint')}
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {grave !== null && (
            <TextInput
              label={t('gatewayAction.revoke.type', { word })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              onBlur={() => setLeft(typed !== '')}
              error={left && !confirmed ? t('gatewayAction.revoke.typeExpected', { word }) : null}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
            />
          )}
          {single?.ok === false && <ErrorNote error={single.error} />}
          <div className={css.foot}>
            <Button onClick={close}>{t('action.cancel')}</Button>
            <Button
              type="submit"
              variant="filled"
              color={grave === null ? 'accent' : 'red'}
              loading={running}
              disabled={!confirmed}
            >
              {t(`gatewayAction.${action}.button`, { count })}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}
