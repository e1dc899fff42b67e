import { Button, Modal } from '@mantine/core'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '#renderer/api/client.ts'
import { groupsChanged, useGroups } from '#renderer/api/use-groups.ts'
import { useMe } from '#renderer/api/use-session.ts'
import { GroupSelect } from '../group-select.tsx'
import { ErrorNote, Note } from '../note.tsx'
import { useFocusBack } from '../use-focus-back.ts'
import type { ActionGateway } from './gateway-action-dialog.tsx'
import css from './gateway-actions.module.css'
import { Results } from './results.tsx'
import { type Outcome, runAll } from './run-all.ts'

export interface PlacedGateway extends ActionGateway {
  tenantId: string
  groupId: string | null
}

const AT_ONCE = 4

/** Puts one gateway or many into a group of their tenant, or out of any. */
export function PlaceDialog(props: { gateways: readonly PlacedGateway[]; onClose(): void }) {
  const { t } = useTranslation('common')
  useFocusBack()
  const groups = useGroups()
  const me = useMe()
  const [gateways, setGateways] = useState<readonly ActionGateway[]>(props.gateways)
  const tenantId = onlyOne(props.gateways.map((gateway) => gateway.tenantId))
  const before = onlyOne(props.gateways.map((gateway) => gateway.groupId))
  const [group, setGroup] = useState<string | null>(before ?? null)
  const [outcomes, setOutcomes] = useState<Outcome<ActionGateway>[] | null>(null)
  const [running, setRunning] = useState(false)
  const cancel = useRef<AbortController | null>(null)
  const list = (groups.list ?? []).filter((one) => one.tenantId === tenantId)
  // Who has rights over some groups cannot put a gateway where these end.
  const mayNone = me?.reach === 'site' || me?.reach === 'tenant'
  const ready = tenantId !== undefined && (mayNone || group !== null)
  const run = async (chosen: readonly ActionGateway[]) => {
    const controller = new AbortController()
    cancel.current = controller
    setGateways(chosen)
    setOutcomes([])
    setRunning(true)
    const done = await runAll(chosen, ({ id }) => api.gateways.place({ gateway: id, group }), {
      atOnce: AT_ONCE,
      signal: controller.signal,
      onOutcome: (outcome) => setOutcomes((earlier) => [...(earlier ?? []), outcome]),
    })
    setRunning(false)
    void groupsChanged()
    if (done.every((outcome) => outcome.ok) && done.length === chosen.length) props.onClose()
  }
  const close = () => {
    cancel.current?.abort()
    props.onClose()
  }
  const single = gateways.length === 1 ? outcomes?.[0] : undefined
  return (
    <Modal
      opened
      onClose={close}
      title={t('place.title', { count: props.gateways.length, code: props.gateways[0]?.code ?? '' })}
      size={480}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {outcomes !== null && gateways.length > 1 ? (
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
            if (ready && !running) void run(props.gateways)
          }}
        >
          {tenantId === undefined ? (
            <Note tone="yellow" title={t('place.several')}>
              {t('place.severalTodo')}
            </Note>
          ) : (
            <>
              {props.gateways.length > 1 && (
                <p className={css.codes}>{props.gateways.map(({ code }) => code).join(', ')}</p>
              )}
              <GroupSelect
                label={t('place.group')}
                description={t('place.hint')}
                groups={list}
                value={group}
                {...(mayNone && { none: t('place.none') })}
                autoFocus
                onChange={setGroup}
              />
            </>
          )}
          {single?.ok === false && <ErrorNote error={single.error} />}
          <div className={css.foot}>
            <Button onClick={close}>{t('action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={running} disabled={!ready}>
              {t('place.button')}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}

/** The value that all have; undefined where they differ. */
function onlyOne<T>(values: readonly T[]): T | undefined {
  const [first] = values
  return values.every((value) => value === first) ? first : undefined
}
