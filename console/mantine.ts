import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core'
import type { Plugin } from 'vite'
import { cssVariables, theme } from './src/theme.ts'

/**
 * The component library, as little of it as is needed. Each component brings its own style sheet with it, into the chunk that it lies in,
 * after those of what it is made of: nobody lists them, so nobody forgets one.
 */

/** Where a component keeps the names of its classes; its sheet in `styles/` has the same name. */
const CLASS_NAMES = /@mantine\/core\/esm\/.*\/(\w+)\.module\.mjs$/

/** The variables of our theme, as a sheet: made here once and not by every browser. */
const VARIABLES = 'virtual:theme.css'
const RESOLVED = `\0${VARIABLES}`

/** Takes one small function of a large library, which everything that scrolls would bring with it otherwise. */
const SCROLL_AREA = /@mantine\/core\/esm\/components\/ScrollArea\/ScrollArea\.mjs$/
const MERGE_REFS = /import \{ useMergeRefs \} from "@floating-ui\/react";/
const OWN_MERGE_REFS = `import { useMergedRef } from '@mantine/hooks'\nconst useMergeRefs = (refs) => useMergedRef(...refs)\n`

/** While it is worked on the library is bundled once and for all, and comes with all of its sheets. */
const MAIN = /console\/src\/main\.tsx$/

export function mantine(): Plugin {
  let isServing = false
  return {
    name: 'mantine',
    configResolved({ command }) {
      isServing = command === 'serve'
    },
    resolveId: (id) => (id === VARIABLES ? RESOLVED : null),
    load: (id) => (id === RESOLVED ? variables() : null),
    transform(code, id) {
      const [file = ''] = id.split('?')
      if (isServing) return MAIN.test(file) ? { code: `import '@mantine/core/styles.css'\n${code}`, map: null } : null
      const [, name] = CLASS_NAMES.exec(file) ?? []
      if (name !== undefined) return { code: `import '@mantine/core/styles/${name}.css'\n${code}`, map: null }
      if (!SCROLL_AREA.test(file)) return null
      if (!MERGE_REFS.test(code))
        throw new Error(`${file} takes no useMergeRefs any more: mantine.ts need not stand in for it`)
      return { code: code.replace(MERGE_REFS, OWN_MERGE_REFS), map: null }
    },
  }
}

function variables(): string {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme)
  const [basic, ours] = [defaultCssVariablesResolver(merged), cssVariables(merged)]
  const scheme = (name: 'light' | 'dark') => ({ ...basic[name], ...ours[name], '--mantine-color-scheme': name })
  return convertCssVariables(
    { variables: { ...basic.variables, ...ours.variables }, light: scheme('light'), dark: scheme('dark') },
    ':root',
  )
}
