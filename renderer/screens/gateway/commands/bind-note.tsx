import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type Command, isOpen } from '#contract/model/command.ts'
import type { Gateway } from '#contract/model/gateway.ts'
import { api } from '#renderer/api/client.ts'
import { useMay } from '#renderer/api/use-session.ts'
import { ErrorNote, Note } from '#renderer/ui/note.tsx'
import { gatewayChanged } from '../use-gateway.ts'

/** Of a gateway that must acknowledge its binding: that it has not, and the way to tell it again. */
export function BindNote({ gateway, commands }: { gateway: Gateway; commands: readonly Command[] }) {
  const { t } = useTranslation('commands')
  const mayWrite = useMay('gateways:write')
  const again = useMutation({
    mutationFn: () => api.gateways.resendBind({ gateway: gateway.id }),
    onSettled: () => gatewayChanged(gateway.id),
  })
  if (gateway.bindState !== 'pending') return null
  const told = commands.filter(({ purpose }) => purpose === 'bind')
  const isUnderWay = told.some(isOpen)
  const isUnclaimed = told.length === 0 && gateway.owner === null
  return (
    <>
      <Note
        tone="info"
        mark="waiting"
        title={t('bind.title')}
        action={
          !isUnderWay &&
          !isUnclaimed &&
          mayWrite && (
            <Button size="compact-sm" loading={again.isPending} onClick={() => again.mutate()}>
              {t('bind.again')}
            </Button>
          )
        }
      >
        {t(isUnclaimed ? 'bind.ahead' : isUnderWay ? 'bind.waits' : 'bind.ended')}
      </Note>
      {again.error !== null && <ErrorNote error={again.error} />}
    </>
  )
}
