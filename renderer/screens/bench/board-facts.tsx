import { useTranslation } from 'react-i18next'
import type { BoardInfo } from '#contract/model/board.ts'
import { CopyIconButton } from '#renderer/ui/copy-button.tsx'
import { useFormat } from '#renderer/ui/format.ts'
import { KeyValues } from '#renderer/ui/layout.tsx'
import css from './bench.module.css'
import { flashWords } from './card-words.ts'

/** Who a board is, as its loader and fuses tell. */
export function BoardFacts({ board }: { board: BoardInfo }) {
  const { t } = useTranslation(['bench', 'common'])
  const format = useFormat()
  const { secureBoot, flashEncryption, downloadMode } = board.security
  const yesNo = (value: boolean | null) =>
    value === null ? (
      t('board.untold')
    ) : value ? (
      <b className="t-orange">{t('common:value.on')}</b>
    ) : (
      t('common:value.off')
    )
  return (
    <div className={css.boxed}>
      <KeyValues
        pairs={[
          [t('board.chip'), board.chip],
          [t('board.model'), board.model],
          board.revision === null ? null : [t('board.revision'), board.revision],
          [
            t('board.mac'),
            <span key="mac" className={css.copied}>
              <span className="mono">{board.mac}</span>
              <CopyIconButton value={board.mac} label={t('common:action.copy')} />
            </span>,
          ],
          [t('board.flash'), board.flashSize === null ? t('board.untold') : flashWords(board.flashSize)],
          board.flashId === null
            ? null
            : [
                t('board.flashId'),
                <span key="id" className="mono">
                  {board.flashId}
                </span>,
              ],
          board.crystal === null
            ? null
            : [t('board.crystal'), t('board.megahertz', { value: format.number(board.crystal) })],
          board.features.length === 0 ? null : [t('board.features'), board.features.join(', ')],
          [t('board.secureBoot'), yesNo(secureBoot)],
          [t('board.flashEncryption'), yesNo(flashEncryption)],
          [
            t('board.downloadMode'),
            downloadMode === null ? t('board.untold') : t(`board.download.${downloadMode}`),
          ],
        ]}
      />
    </div>
  )
}
