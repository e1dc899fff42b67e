import { Button, Progress } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useErrorText } from '#renderer/api/error-text.ts'
import { StateMark } from '../state-mark.tsx'
import type { ActionGateway } from './gateway-action-dialog.tsx'
import css from './gateway-actions.module.css'
import type { Outcome } from './run-all.ts'

/** How each gateway ended; those that failed can be tried again. */
export function Results(props: {
  all: readonly ActionGateway[]
  outcomes: readonly Outcome<ActionGateway>[]
  running: boolean
  onCancel(): void
  onRetry(failed: ActionGateway[]): void
  onClose(): void
}) {
  const { t } = useTranslation('common')
  const text = useErrorText()
  const failed = props.outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.item]))
  const done = props.outcomes.length - failed.length
  return (
    <div className={css.form}>
      <p role="status">
        {props.running
          ? t('gatewayAction.running', { done: props.outcomes.length, all: props.all.length })
          : t('gatewayAction.summary', { done, failed: failed.length })}
      </p>
      {props.running && (
        <Progress
          value={(props.outcomes.length / props.all.length) * 100}
          aria-label={t('gatewayAction.result')}
        />
      )}
      <div className={css.results}>
        <table>
          <tbody>
            {props.outcomes.toReversed().map((outcome) => (
              <tr key={outcome.item.id}>
                <td>
                  <StateMark mark={outcome.ok ? 'passed' : 'failed'} />
                </td>
                <th scope="row">{outcome.item.code}</th>
                <td className="sec">{outcome.ok ? t('gatewayAction.done') : text(outcome.error).what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className={css.foot}>
        {props.running ? (
          <Button onClick={props.onCancel}>{t('action.cancel')}</Button>
        ) : (
          <>
            {failed.length > 0 && (
              <Button onClick={() => props.onRetry(failed)}>
                {t('gatewayAction.retryFailed', { count: failed.length })}
              </Button>
            )}
            <Button variant="filled" onClick={props.onClose}>
              {t('action.close')}
            </Button>
          </>
        )}
      </div>
    </div>
  )
}
