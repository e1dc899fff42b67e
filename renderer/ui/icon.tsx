/** Line icons on a grid of 20, drawn for Millwright; stroke in the colour of the text. */
const paths = {
  overview: 'M3 3h6v6H3zM11 3h6v6h-6zM3 11h6v6H3zM11 11h6v6h-6z',
  fleet: 'M3 4h14v5H3zM3 11h14v5H3zM6 6.5h.01M6 13.5h.01M10 6.5h4M10 13.5h4',
  trends: 'M3 3v14h14M6 13l3-4 3 2 4-6',
  dashboards: 'M3 3h14v6H3zM3 12h6v5H3zM12 12h5v5h-5z',
  certificates: 'M10 2.5l6 2v5c0 4-2.6 6.6-6 8-3.4-1.4-6-4-6-8v-5zM7.5 10l1.8 1.8L12.8 8',
  people:
    'M10 6.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0M2 16.5c0-3 2-5 5-5s5 2 5 5M12.5 3.8a3 3 0 0 1 0 5.4M14 11.8c2.4.5 4 2.2 4 4.7',
  settings: 'M3 6h8M15 6h2M3 14h2M9 14h8M15 6a2 2 0 1 1-4 0 2 2 0 0 1 4 0M9 14a2 2 0 1 1-4 0 2 2 0 0 1 4 0',
  search: 'M13 8.5a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0M12 12l4 4',
  'chevron-down': 'M6 8l4 4 4-4',
  'chevron-up': 'M6 12l4-4 4 4',
  'chevron-left': 'M12 5l-5 5 5 5',
  'chevron-right': 'M8 5l5 5-5 5',
  'arrow-up': 'M10 16V4M5 9l5-5 5 5',
  'arrow-down': 'M10 4v12M5 11l5 5 5-5',
  columns: 'M3 4h14v12H3zM8 4v12M12.5 4v12',
  plus: 'M10 4v12M4 10h12',
  close: 'M6 6l8 8M14 6l-8 8',
  check: 'M4.5 10.5l3.5 3.5 7.5-8',
  copy: 'M7 7h9v9H7zM13 7V4H4v9h3',
  download: 'M10 3v10M6 9.5l4 4 4-4M4 16.5h12',
  pin: 'M7 3h6M8 3v6l-2 3h8l-2-3V3M10 12v5',
  refresh: 'M16 10a6 6 0 1 1-2-4.5M14.5 2.5v3.2h-3.2',
  more: 'M5 10h.01M10 10h.01M15 10h.01',
  sun: 'M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4',
  moon: 'M15.5 12.3A6.2 6.2 0 0 1 7.7 4.5a6.2 6.2 0 1 0 7.8 7.8z',
  screen: 'M3 4h14v9H3zM8 16.5h4M10 13v3.5',
  language:
    'M3 5h8M7 3v2M9.5 5c-.6 3-2.8 5.3-6 6.6M4.5 7.5c1 2 2.7 3.4 5 4.1M9.5 17l3.5-8 3.5 8M10.7 14.5h4.6',
  person: 'M13 6.5a3 3 0 1 1-6 0 3 3 0 0 1 6 0M4 17c0-3.3 2.4-5.5 6-5.5s6 2.2 6 5.5',
  lock: 'M4.5 9h11v8h-11zM7 9V6a3 3 0 0 1 6 0v3M10 12v2',
  'sign-out': 'M8 4H4v12h4M8.5 10H17M14 6.5l3.5 3.5-3.5 3.5',
  edit: 'M4 16l.8-3.2L13.5 4l2.5 2.5-8.8 8.7zM11.5 6l2.5 2.5',
  folder: 'M3 5h5l1.5 2H17v8.5H3z',
  eye: 'M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5M12.2 10a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0',
  zoom: 'M13 8.5a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0M12 12l4 4M8.5 6.5v4M6.5 8.5h4',
  topics: 'M4 3v11.5h4M4 8h4M8 5.5h9v5H8zM8 12h9v5H8z',
  pause: 'M7 4.5v11M13 4.5v11',
  play: 'M6.5 4l9 6-9 6z',
  channel: 'M2.5 10h3l2-5 4 10 2.5-7 1.2 2h2.3',
  panel: 'M3 4h14v12H3zM12 4v12',
  open: 'M11 4h5v5M16 4l-7 7M14 11.5V16H4V6h4.5',
  full: 'M3 7.5V3h4.5M12.5 3H17v4.5M17 12.5V17h-4.5M7.5 17H3v-4.5',
  grip: 'M7 5h.01M13 5h.01M7 10h.01M13 10h.01M7 15h.01M13 15h.01',
  trash: 'M3.5 5.5h13M8 5.5V3h4v2.5M5.5 5.5l.8 11.5h7.4l.8-11.5M8.5 8.5v5.5M11.5 8.5v5.5',
  undo: 'M7 4L3.5 7.5 7 11M3.5 7.5H12a4.5 4.5 0 0 1 0 9H8',
  redo: 'M13 4l3.5 3.5L13 11M16.5 7.5H8a4.5 4.5 0 0 0 0 9h4',
  'close-up': 'M3 3h14M10 17V7M6 11l4-4 4 4',
  label: 'M3 4h8l6 6-7 7-7-7zM7 8h.01',
  qr: 'M3 3h5v5H3zM12 3h5v5h-5zM3 12h5v5H3zM12 12h2v2h-2zM15 15h2v2h-2zM12 16.5h1M16.5 12h.5',
  camera: 'M3 6h3l1.5-2h5L14 6h3v10H3zM13 11a3 3 0 1 1-6 0 3 3 0 0 1 6 0',
  bench: 'M10 17V5M10 3l-2 2.5h4zM10 13l-4-2V8M10 11l4-2V7M5 6h2v2H5zM13 5.5h2v1.5h-2z',
  sound: 'M3.5 8v4h3l4 3.5v-11L6.5 8zM13 7.5a3.5 3.5 0 0 1 0 5M15 5.5a6.4 6.4 0 0 1 0 9',
  'sound-off': 'M3.5 8v4h3l4 3.5v-11L6.5 8zM13.5 8l4 4M17.5 8l-4 4',
  firmware: 'M6 6h8v8H6zM8 3v3M12 3v3M8 14v3M12 14v3M3 8h3M3 12h3M14 8h3M14 12h3',
  cloud: 'M6 15.5h8.3a3.4 3.4 0 0 0 .5-6.8A5 5 0 0 0 5.2 7.9 3.9 3.9 0 0 0 6 15.5z',
  claims: 'M4 17V5.5L10 3l6 2.5V17M8 17v-6h4v6M2.5 17h15',
  doctor:
    'M5 3v4a3.5 3.5 0 0 0 7 0V3M8.5 10.5v2a4 4 0 0 0 8 0V11M17.9 9.6a1.4 1.4 0 1 1-2.8 0 1.4 1.4 0 0 1 2.8 0',
  print: 'M6 8V3h8v5M6 14H3V8h14v6h-3M6 11.5h8V17H6z',
} as const

export type IconName = keyof typeof paths

/** Decoration only: the control around it carries the words. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path
        d={paths[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth={name === 'more' || name === 'grip' ? 2.5 : 1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

/** The mark of Millwright. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <g fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinejoin="round" strokeLinecap="round">
        <path d="M4 20V6l8 7 8-7v14" />
        <path d="M12 13v7" />
      </g>
    </svg>
  )
}
