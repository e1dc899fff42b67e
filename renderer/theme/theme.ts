import {
  ActionIcon,
  Badge,
  Button,
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  Menu,
  Modal,
  PasswordInput,
  Radio,
  SegmentedControl,
  Select,
  Tabs,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core'

/** Mantine wants ten shades; the tokens decide what is seen, these only fill the places that nothing uses. */
const accent: MantineColorsTuple = [
  '#eef3fc',
  '#dde8f8',
  '#b9cff0',
  '#8db5ff',
  '#5b8ee0',
  '#3069d0',
  '#1d5bbf',
  '#174fa9',
  '#123f88',
  '#0d2f66',
]
const red: MantineColorsTuple = [
  '#fdf0f0',
  '#fae1e1',
  '#f3b9bc',
  '#ff8f90',
  '#ee4f58',
  '#d9303b',
  '#c8202c',
  '#ad121d',
  '#8a0d16',
  '#660910',
]

const control = { size: 'sm' as const }

/** The tokens of `tokens.css`, carried into the component library. */
export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '2px', sm: '4px', md: '4px', lg: '4px', xl: '4px' },
  defaultRadius: 'sm',
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 5 },
  colors: { accent, red },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
  headings: { fontWeight: '600' },
  components: {
    Button: Button.extend({
      defaultProps: { ...control, variant: 'default' },
      vars: (_, props) => ({
        root: {
          '--button-height': props.size === 'xs' ? '24px' : props.size === 'lg' ? '40px' : '32px',
          '--button-padding-x': props.size === 'xs' ? '8px' : props.size === 'lg' ? '20px' : '12px',
          '--button-fz': props.size === 'xs' ? '12px' : '13px',
        },
      }),
      styles: { label: { fontWeight: 500 } },
    }),
    ActionIcon: ActionIcon.extend({
      defaultProps: { variant: 'default' },
      vars: (_, props) => ({ root: { '--ai-size': props.size === 'xs' ? '24px' : '32px' } }),
    }),
    TextInput: TextInput.extend({ defaultProps: control }),
    PasswordInput: PasswordInput.extend({ defaultProps: control }),
    Textarea: Textarea.extend({ defaultProps: control }),
    Select: Select.extend({ defaultProps: { ...control, allowDeselect: false, checkIconPosition: 'right' } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs', radius: 3 } }),
    Radio: Radio.extend({ defaultProps: { size: 'xs' } }),
    Badge: Badge.extend({ defaultProps: { radius: 'sm', variant: 'default' } }),
    Menu: Menu.extend({
      defaultProps: {
        shadow: 'none',
        transitionProps: { duration: 80 },
        position: 'bottom-end',
        // A menu may hold nothing but its items (WAI-ARIA 1.2), so no holder for the focus.
        withInitialFocusPlaceholder: false,
      },
    }),
    Modal: Modal.extend({
      defaultProps: { centered: true, shadow: 'none', transitionProps: { duration: 100 }, padding: 'lg' },
    }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'xs', transitionDuration: 100 } }),
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 300, transitionProps: { duration: 80 }, withArrow: false },
    }),
  },
})

const shared = {
  '--mantine-color-body': 'var(--canvas)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-3)',
  '--mantine-color-placeholder': 'var(--text-3)',
  '--mantine-color-anchor': 'var(--accent-text)',
  '--mantine-color-error': 'var(--red-text)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-disabled': 'var(--sunken)',
  '--mantine-color-disabled-color': 'var(--text-3)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-primary-color-filled': 'var(--accent)',
  '--mantine-primary-color-filled-hover': 'var(--accent-hover)',
  '--mantine-primary-color-contrast': 'var(--accent-ink)',
  '--mantine-primary-color-light': 'var(--accent-tint)',
  '--mantine-primary-color-light-color': 'var(--accent-text)',
  '--mantine-color-accent-filled': 'var(--accent)',
  '--mantine-color-accent-filled-hover': 'var(--accent-hover)',
  '--mantine-color-accent-light': 'var(--accent-tint)',
  '--mantine-color-accent-light-hover': 'var(--accent-tint)',
  '--mantine-color-accent-light-color': 'var(--accent-text)',
  '--mantine-color-accent-outline': 'var(--accent-text)',
  '--mantine-color-red-filled': 'var(--red-button)',
  '--mantine-color-red-filled-hover': 'var(--red-button-hover)',
  '--mantine-color-red-text': 'var(--red-text)',
  '--mantine-color-red-outline': 'var(--red-text)',
  '--input-bg': 'var(--raised)',
}

/** Both themes read the same tokens: `tokens.css` switches their values. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared })
