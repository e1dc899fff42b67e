import { useEffect, useState } from 'react'
import { createPortal, flushSync } from 'react-dom'
import { isNumeric } from '#renderer/charts/chart-channel.ts'
import { channelStroke } from '#renderer/charts/chart-colors.ts'
import { chartPicture } from '#renderer/charts/chart-picture.ts'
import { figureWords, type Paper, windowWords } from './paper.ts'
import css from './report.module.css'

/** CSS pixels of the chart on A4 in landscape with its margins, 277 mm wide. */
const WIDTH = 1_047
const HEIGHT = 430
/** 288 dots an inch. */
const ZOOM = 3

/**
 * The printed page: it is made when the browser is about to print, by its own menu or by ours, and is gone after.
 * The desktop window prints to PDF the same way.
 */
export function TrendReport({ paper }: { paper: () => Paper | null }) {
  const [printed, setPrinted] = useState<{ paper: Paper; image: string } | null>(null)
  useEffect(() => {
    const begin = () => {
      const current = paper()
      if (current === null) return
      const { data, window: range, focus, bands, locale, words } = current
      const shape = { window: range, focus, bands, locale, words, width: WIDTH, height: HEIGHT, zoom: ZOOM }
      const image = chartPicture(data, shape).toDataURL('image/png')
      // The browser takes the page as it stands when this returns.
      flushSync(() => setPrinted({ paper: current, image }))
    }
    const end = () => setPrinted(null)
    addEventListener('beforeprint', begin)
    addEventListener('afterprint', end)
    return () => {
      removeEventListener('beforeprint', begin)
      removeEventListener('afterprint', end)
    }
  }, [paper])
  return printed === null ? null : createPortal(<Page {...printed} />, document.body)
}

function Page({ paper, image }: { paper: Paper; image: string }) {
  const { title, site, window, format, rows, text, annotations, offset } = paper
  return (
    <article className={css.report} data-mantine-color-scheme="light" aria-hidden="true">
      <header className={css.head}>
        <div>
          <h1>{title}</h1>
          <p>{windowWords(window, format)}</p>
        </div>
        <div className={css.site}>
          <p>{site}</p>
          <p>{text.made}</p>
        </div>
      </header>
      <img className={css.chart} src={image} alt="" />
      <table className={css.table}>
        <thead>
          <tr>
            {text.columns.map((column, index) => (
              <th key={column} className={index < 2 ? '' : 'num'}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.flatMap(({ channel, gateway, figures, earlier }) => {
            const isNumber = isNumeric(channel)
            const cells = (of: typeof figures) =>
              figureWords(of, isNumber, format).map((cell, index) => (
                <td key={index} className="num">
                  {cell}
                </td>
              ))
            const made = [
              <tr key={channel.id}>
                <td>
                  <i style={{ background: channelStroke(channel.color) }} />
                  {channel.name} {channel.unit !== null && <span className={css.unit}>{channel.unit}</span>}
                </td>
                <td>{gateway}</td>
                {cells(figures)}
              </tr>,
            ]
            if (offset !== null && isNumber)
              made.push(
                <tr key={`${channel.id} earlier`} className={css.earlier}>
                  <td colSpan={2}>{text.earlier}</td>
                  {cells(earlier)}
                </tr>,
              )
            return made
          })}
        </tbody>
      </table>
      {annotations.length > 0 && (
        <section className={css.notes}>
          <h2>{text.annotations}</h2>
          <dl>
            {annotations.map((one) => (
              <div key={one.id}>
                <dt>
                  {one.to > one.from
                    ? `${format.dateTime(one.from)} – ${format.dateTime(one.to)}`
                    : format.dateTime(one.from)}
                </dt>
                <dd>
                  {one.text} {one.authorName !== null && <span className={css.unit}>{one.authorName}</span>}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </article>
  )
}
