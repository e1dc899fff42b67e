import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { labelSize, labelsOn } from '#contract/model/label.ts'
import { api } from '#renderer/api/client.ts'
import { ErrorNote } from '../note.tsx'
import type { LabelChoice } from './label-choice.ts'
import css from './labels.module.css'

/** The first sheet, or the first label of a roll, as it will be. */
export function LabelPreview({
  gateways,
  choice: { size, qr, copies, start },
}: {
  gateways: readonly { id: string; code: string }[]
  choice: LabelChoice
}) {
  const { t } = useTranslation('labels')
  const first = useMemo(
    () => gateways.slice(0, labelsOn(labelSize(size))).map(({ id }) => id),
    [gateways, size],
  )
  const asked = { gateways: first, size, qr, copies: Math.min(copies, labelsOn(labelSize(size))), start }
  const { data, error } = useQuery({
    queryKey: ['labels', 'preview', asked],
    queryFn: ({ signal }) => api.labels.preview(asked, { signal }),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  })
  const address = usePicture(data?.svg)
  if (error !== null) return <ErrorNote error={error} />
  return (
    <figure className={css.preview} data-kind={labelSize(size).kind}>
      {address !== null && <img src={address} alt={t('preview', { code: gateways[0]?.code ?? '' })} />}
    </figure>
  )
}

/** A picture by an address of its own: as an image it can run nothing. */
function usePicture(svg: string | undefined): string | null {
  const address = useMemo(
    () => (svg === undefined ? null : URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))),
    [svg],
  )
  useEffect(
    () => () => {
      if (address !== null) URL.revokeObjectURL(address)
    },
    [address],
  )
  return address
}
