import { useTranslation } from 'react-i18next'
import type { BundleBuild } from '#contract/model/bundle.ts'
import { useFormat } from '#renderer/ui/format.ts'
import css from './firmware.module.css'
import { flashRegions, widthsOf } from './flash-map.ts'

/** What a bundle holds for one chip: a map of its flash, and the files that go there. */
export function BuildDetails({ build }: { build: BundleBuild }) {
  const { t } = useTranslation('firmware')
  const format = useFormat()
  const regions = flashRegions(build)
  const widths = widthsOf(regions)
  const { app, minimumRevision: from, maximumRevision: to } = build
  const used = regions.filter(({ kind }) => kind !== 'free')
  return (
    <section className={css.section} aria-label={t('build.label', { chip: build.chip })}>
      <h3>
        {build.chip}
        {app !== null && (
          <span className="sub small">
            {' '}
            {app.project} {app.version}
          </span>
        )}
      </h3>
      <p className="sec small">
        {t('build.needs', { size: format.bytes(build.flashSize) })}
        {from !== null && ` · ${t('build.from', { revision: from })}`}
        {to !== null && ` · ${t('build.to', { revision: to })}`}
        {build.nvs === null && ` · ${t('build.noNvs')}`}
      </p>
      <div className={css.map} role="img" aria-label={used.map(({ name }) => name).join(', ')}>
        {regions.map((region, index) => (
          <span
            key={region.offset}
            className={css.region}
            data-kind={region.kind}
            style={{ width: `${widths[index]}%` }}
            title={region.name === '' ? t('map.free') : region.name}
          >
            <span
              className={css.written}
              style={{ width: `${Math.min(100, (region.written / region.size) * 100)}%` }}
            />
          </span>
        ))}
      </div>
      <table className={css.parts}>
        <thead>
          <tr>
            <th scope="col">{t('map.region')}</th>
            <th scope="col">{t('map.offset')}</th>
            <th scope="col" className="num">
              {t('map.size')}
            </th>
            <th scope="col" className="num">
              {t('map.written')}
            </th>
          </tr>
        </thead>
        <tbody>
          {used.map(({ name, offset, size, written, kind }) => (
            <tr key={offset}>
              <th scope="row">
                <span className={css.key} data-kind={kind} aria-hidden="true" />
                {name}
              </th>
              <td className="mono">0x{offset.toString(16)}</td>
              <td className="num">{format.bytes(size)}</td>
              <td className="num">{written === 0 ? '' : format.bytes(written)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <details className={css.files}>
        <summary>{t('build.files', { count: build.parts.length })}</summary>
        <ul>
          {build.parts.map(({ path, offset, sha256 }) => (
            <li key={offset}>
              <span className="mono">{path}</span>
              <span className={`mono sub ${css.hash}`}>{sha256}</span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}
