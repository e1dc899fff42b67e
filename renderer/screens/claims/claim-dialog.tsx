import { Button, Group, Modal, Stack } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Knock } from '#contract/api/claims.ts'
import type { Gateway } from '#contract/model/gateway.ts'
import { noteClaimed } from '#renderer/api/claimed-gateways.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { LabelsDialog } from '#renderer/ui/labels/labels-dialog.tsx'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { useFocusBack } from '#renderer/ui/use-focus-back.ts'
import type { Box } from './claim-form.ts'
import { ClaimQuestions } from './claim-questions.tsx'
import css from './claims.module.css'
import { waitingAs } from './knock.ts'
import { NameBox } from './name-box.tsx'
import { claimsChanged } from './use-claims.ts'

/** Claims one box: which it is, what it becomes, and what can be done with it then. */
export function ClaimDialog(props: { box: Box | null; knocks: readonly Knock[]; onClose(): void }) {
  const { t } = useTranslation(['claims', 'common'])
  useFocusBack()
  const phone = useMediaQuery('(max-width: 700px)') ?? false
  const [box, setBox] = useState(() => known(props.box, props.knocks))
  const [made, setMade] = useState<Gateway | null>(null)
  const [labels, setLabels] = useState(false)
  const again = () => {
    setMade(null)
    setBox(null)
  }
  if (made !== null && labels) return <LabelsDialog gateways={[made]} onClose={props.onClose} />
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={t(made !== null ? 'claim.doneTitle' : box === null ? 'name.title' : 'claim.title')}
      size={480}
      fullScreen={phone}
      closeButtonProps={{ 'aria-label': t('common:action.close') }}
    >
      <Stack gap="md">
        {made !== null ? (
          <Done gateway={made} onAgain={again} onLabel={() => setLabels(true)} />
        ) : box === null ? (
          <NameBox onBox={(named) => setBox(known(named, props.knocks))} />
        ) : (
          <ClaimQuestions
            box={box}
            onBack={props.box === null ? again : null}
            onCancel={props.onClose}
            onMade={(gateway) => {
              noteClaimed(gateway)
              claimsChanged()
              setMade(gateway)
            }}
          />
        )}
      </Stack>
    </Modal>
  )
}

/** A name that one box of the list has is that box: then more can be said of it. */
function known(box: Box | null, knocks: readonly Knock[]): Box | null {
  if (box?.kind !== 'label') return box
  const [knock, ...others] = waitingAs(knocks, box.label)
  return knock === undefined || others.length > 0 ? box : { kind: 'knock', knock }
}

function Done({ gateway, onAgain, onLabel }: { gateway: Gateway; onAgain(): void; onLabel(): void }) {
  const { t } = useTranslation('claims')
  return (
    <>
      <p className={css.done} role="status">
        <StateMark mark="passed" />
        {t('claim.done', { code: gateway.code, name: gateway.name })}
      </p>
      <p className="sec">{t(gateway.bindState === 'pending' ? 'claim.nextBind' : 'claim.next')}</p>
      <Group justify="flex-end">
        <Button leftSection={<Icon name="label" />} onClick={onLabel}>
          {t('claim.label')}
        </Button>
        <Button leftSection={<Icon name="qr" />} onClick={onAgain}>
          {t('claim.another')}
        </Button>
        <Button
          variant="filled"
          data-autofocus
          renderRoot={(root) => (
            <Link to="/gateways/$gatewayId" params={{ gatewayId: gateway.id }} {...root} />
          )}
        >
          {t('panel.open', { code: gateway.code })}
        </Button>
      </Group>
    </>
  )
}
