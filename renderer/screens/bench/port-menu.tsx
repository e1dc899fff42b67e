import { ActionIcon, Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { BenchPort } from '#contract/api/bench.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import type { CardAsk } from './card-dialogs.tsx'

/** What else can be done with the board on a port. */
export function PortMenu({ port, onAsk }: { port: BenchPort; onAsk(ask: CardAsk): void }) {
  const { t } = useTranslation('bench')
  const navigate = useNavigate()
  const ask = (kind: Exclude<CardAsk['kind'], 'job'>) => () => onAsk({ kind, port })
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon
          size="xs"
          variant="transparent"
          color="gray"
          aria-label={t('menu.label', { name: port.name })}
        >
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={ask('identify')}>{t('menu.identify')}</Menu.Item>
        <Menu.Item onClick={() => void navigate({ to: '/bench/monitor/$port', params: { port: port.name } })}>
          {t('menu.monitor')}
        </Menu.Item>
        <Menu.Item onClick={ask('serial')}>{t('menu.serial')}</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={ask('settings')}>{t('menu.settings')}</Menu.Item>
        <Menu.Item onClick={ask('firmware')}>{t('menu.firmware')}</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={ask('backup')}>{t('menu.backup')}</Menu.Item>
        <Menu.Item onClick={ask('restore')}>{t('menu.restore')}</Menu.Item>
        <Menu.Item onClick={ask('write')}>{t('menu.write')}</Menu.Item>
        <Menu.Item className="t-red" onClick={ask('erase')}>
          {t('menu.erase')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
