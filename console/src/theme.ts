import { createTheme, type MantineColorsTuple } from '@mantine/core'

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
  colors: { teal },
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans KR", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { fontWeight: '650' },
  cursorType: 'pointer',
})
