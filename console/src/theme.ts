import { Badge, type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

/** Contrast of text and of filled buttons is at least 4.5 to 1 on both schemes (WCAG 2.2, 1.4.3). */
const teal: MantineColorsTuple = [
  '#e3f6f8',
  '#c9e9ee',
  '#9bd3dd',
  '#69bccb',
  '#3fa7ba',
  '#2194aa',
  '#0b7285',
  '#096576',
  '#075766',
  '#044654',
]

export const theme = createTheme({
  primaryColor: 'teal',
  autoContrast: true,
  colors: { teal },
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans KR", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // Never cut: it is one word, and says what matters.
    Badge: Badge.extend({ styles: { root: { minWidth: 'max-content' }, label: { overflow: 'visible' } } }),
    // The head of a dialog is not that of the page, though it is a <header>.
    ModalHeader: { defaultProps: { role: 'none' } },
    DrawerHeader: { defaultProps: { role: 'none' } },
    // What is chosen once more stays chosen.
    Select: { defaultProps: { allowDeselect: false } },
    // What is wider than the screen can be moved with the keyboard, too.
    TableScrollContainer: { defaultProps: { scrollAreaProps: { viewportProps: { tabIndex: 0 } } } },
  },
})

/** The library's own grey and red texts are too pale for that; so are a few of its coloured ones. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5c636a',
    '--mantine-color-gray-filled': '#5c636a',
    '--mantine-color-placeholder': '#6a7178',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-yellow-light-color': '#7a4a00',
    '--mantine-color-orange-light-color': '#8a3400',
    '--mantine-color-green-light-color': '#1b6b2c',
    '--mantine-color-lime-light-color': '#3f6212',
    '--mantine-color-red-light-color': '#a61e1e',
    '--mantine-color-blue-light-color': '#17518a',
    '--mantine-color-gray-light-color': '#3f464d',
    '--mantine-color-cyan-light-color': '#0b5c6b',
    '--mantine-color-red-outline': '#c92a2a',
    '--mantine-color-orange-outline': '#8a3400',
    '--mantine-color-yellow-outline': '#7a4a00',
    '--mantine-color-blue-outline': '#1864ab',
    '--mantine-color-red-filled': '#c92a2a',
    '--mantine-color-red-filled-hover': '#b02525',
    '--mantine-color-red-text': '#c92a2a',
    '--mantine-color-yellow-text': '#7a4a00',
    '--mantine-color-orange-text': '#8a3400',
    '--mantine-color-green-text': '#1b6b2c',
  },
  dark: {
    '--mantine-color-dimmed': '#a9adb2',
    '--mantine-color-gray-filled': '#5c636a',
    '--mantine-color-placeholder': '#9a9fa4',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-red-filled': '#d42c2c',
    '--mantine-color-red-filled-hover': '#bf2626',
    '--mantine-color-red-text': '#ff8787',
  },
})
