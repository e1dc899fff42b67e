import { useTranslation } from 'react-i18next'
import type { Tile } from '#contract/model/dashboard.ts'
import { useFormat } from '#renderer/ui/format.ts'
import { StateMark } from '#renderer/ui/state-mark.tsx'
import { figure, useReading } from '../live/use-reading.ts'
import { arcPath, gaugeRange, shareOf } from '../model/gauge.ts'
import { namesOf, type TileChannel } from '../model/tile-channel.ts'
import { thresholdsOf } from '../model/tone.ts'
import css from './gauge-tile.module.css'
import tileCss from './tile.module.css'
import { ToneMark, toneTokens } from './tone-mark.tsx'

/** Radius of the value's band and of the thin one of the thresholds around it. */
const VALUE = 38
const ZONES = 46

/** Each value on its way from one end of a scale to the other; what is not normal is coloured at the rim. */
export function GaugeTile({ tile, members }: { tile: Tile; members: readonly TileChannel[] }) {
  const names = namesOf(members)
  return (
    <div className={tileCss.figures}>
      {members.map((channel) => (
        <Gauge
          key={channel.id}
          tile={tile}
          channel={channel}
          name={members.length > 1 ? names.get(channel.id) : undefined}
        />
      ))}
    </div>
  )
}

function Gauge({ tile, channel, name }: { tile: Tile; channel: TileChannel; name: string | undefined }) {
  const { t } = useTranslation('dashboards')
  const format = useFormat()
  const reading = useReading(channel, tile.options)
  const { value, meaning, staleFor } = reading
  const range = gaugeRange(tile.options, channel, value)
  const share = value === null ? 0 : shareOf(value, range)
  const color = meaning === null ? 'var(--mark)' : toneTokens[meaning].mark
  return (
    <div className={css.gauge}>
      {name !== undefined && <span className={`${css.name} ellipsis`}>{name}</span>}
      <div className={css.dial}>
        <svg viewBox="2 4 96 76" aria-hidden="true" focusable="false">
          <path d={arcPath(0, 1, VALUE)} fill="none" stroke="var(--sunken)" strokeWidth="9" />
          {thresholdsOf(tile.options.thresholds, channel).map((threshold) => {
            const at = shareOf(threshold.value, range)
            const [from, to] = threshold.side === 'above' ? [at, 1] : [0, at]
            if (to - from < 0.002) return null
            return (
              <path
                key={`${threshold.side} ${threshold.value}`}
                d={arcPath(from, to, ZONES)}
                fill="none"
                stroke={toneTokens[threshold.meaning].mark}
                strokeWidth="3"
              />
            )
          })}
          {value !== null && share > 0.001 && (
            <path
              d={arcPath(0, share, VALUE)}
              fill="none"
              stroke={color}
              strokeWidth="9"
              opacity={staleFor === null ? 1 : 0.45}
            />
          )}
          <text
            x="50"
            y="52"
            className={staleFor === null ? `${css.value} live-value` : `${css.value} stale-value`}
            textAnchor="middle"
            // Within the band whatever the digits.
            fontSize={Math.min(15, 92 / reading.text.length)}
          >
            {reading.text}
          </text>
          <text x="50" y="63" className={css.unit} textAnchor="middle">
            {reading.unit}
          </text>
          <text x="14" y="78" className={css.end} textAnchor="middle">
            {figure(range.min, {}, format)}
          </text>
          <text x="86" y="78" className={css.end} textAnchor="middle">
            {figure(range.max, {}, format)}
          </text>
        </svg>
      </div>
      <p className="visually-hidden">
        {t('gauge.said', {
          value: `${reading.text} ${reading.unit}`.trim(),
          min: figure(range.min, {}, format),
          max: figure(range.max, {}, format),
        })}
      </p>
      {(meaning !== null || staleFor !== null) && (
        <span className={css.note} style={{ color: meaning === null ? undefined : toneTokens[meaning].text }}>
          {meaning !== null && <ToneMark meaning={meaning} />}
          {staleFor !== null && <StateMark mark="stale" size={14} />}
          <span className={staleFor === null ? 'ellipsis' : 'ellipsis t-yellow'}>
            {meaning !== null && t(`meaning.${meaning}`)}
            {reading.why !== null && `, ${reading.why}`}
            {staleFor !== null && t('stale', { age: staleFor })}
          </span>
        </span>
      )}
    </div>
  )
}
