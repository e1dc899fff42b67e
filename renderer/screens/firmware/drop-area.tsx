import { type DragEvent, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { droppedFiles, type GivenFile } from './dropped-files.ts'
import css from './firmware.module.css'

/** The body of the screen, which takes files that are dropped on it. What is dropped can be chosen by keyboard too: by the button. */
export function DropArea(props: {
  id: string
  label: string
  /** Null: nothing is taken now. */
  onDrop: ((files: readonly GivenFile[]) => void) | null
  children: ReactNode
}) {
  const { t } = useTranslation('firmware')
  const [over, setOver] = useState(false)
  const { onDrop } = props
  const takes = (event: DragEvent) => onDrop !== null && event.dataTransfer.types.includes('Files')
  return (
    <div
      id={props.id}
      role="tabpanel"
      aria-label={props.label}
      className={css.tabPanel}
      onDragOver={(event) => {
        if (!takes(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      }}
      onDrop={(event) => {
        if (!takes(event)) return
        event.preventDefault()
        setOver(false)
        void droppedFiles(event.dataTransfer).then((files) => files.length > 0 && onDrop?.(files))
      }}
    >
      {props.children}
      {over && <div className={css.drop}>{t('import.drop')}</div>}
    </div>
  )
}
