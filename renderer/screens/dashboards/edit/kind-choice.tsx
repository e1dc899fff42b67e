import { Radio } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { TileKind } from '#contract/model/dashboard.ts'
import css from './panel.module.css'

/** How a tile shows its channels. */
export function KindChoice(props: {
  kinds: readonly TileKind[]
  kind: TileKind | undefined
  suggested: TileKind | undefined
  onChange(kind: TileKind): void
}) {
  const { t } = useTranslation('dashboards')
  return (
    <Radio.Group
      label={t('panel.kind')}
      value={props.kind ?? null}
      onChange={(value) => props.onChange(value)}
    >
      <div className={css.kinds}>
        {props.kinds.map((kind) => (
          <Radio
            key={kind}
            value={kind}
            label={
              <>
                {t(`kind.${kind}`)}{' '}
                {kind === props.suggested && props.kinds.length > 1 && (
                  <span className="sub">{t('panel.suggested')}</span>
                )}
              </>
            }
          />
        ))}
      </div>
    </Radio.Group>
  )
}
