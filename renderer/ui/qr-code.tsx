import { useMemo } from 'react'
import { encode } from 'uqr'

/** Modules of white around the code (ISO/IEC 18004 5.3.8). */
const QUIET = 4

/** A QR code, black on white in both themes: cameras read no other. `label` says what it holds, for those who see none. */
export function QrCode({ text, label, size = 200 }: { text: string; label: string; size?: number }) {
  const { path, modules } = useMemo(() => drawn(text), [text])
  return (
    <svg
      role="img"
      aria-label={label}
      width={size}
      height={size}
      viewBox={`0 0 ${modules} ${modules}`}
      shapeRendering="crispEdges"
      style={{ background: '#ffffff', maxWidth: '100%', height: 'auto' }}
    >
      <path d={path} fill="#000000" />
    </svg>
  )
}

function drawn(text: string): { path: string; modules: number } {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET })
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return { path, modules: size }
}
