import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { mantine } from './mantine.ts'

/** What views share: ours, and the libraries of which each takes some. */
const OURS = /console\/src|@mantine|@tanstack|@tabler/
/** Menus, tooltips, lists to choose from, and what places them. */
const FLOATING =
  /@floating-ui\/(?!vue)|tabbable|@mantine\/core\/esm\/(?:utils\/Floating|components\/(?:Popover|Menu|Tooltip|Combobox|Radio\/RadioIcon|OptionsDropdown))/
/** What one sets what is shown with; what one chooses with; what forms have besides. */
const CONTROLS = /@mantine\/core\/esm\/components\/(?:NativeSelect|Switch|SegmentedControl|Pill)\//
const CHOICES = /@mantine\/core\/esm\/components\/(?:Checkbox|Select|Autocomplete|Card)\//
const FIELDS = /react-number-format|@mantine\/core\/esm\/components\/(?:NumberInput|TagsInput|PillsInput|MultiSelect)\//
/** Small things that several views have. */
const PARTS =
  /@tabler|console\/src\/(?:i18n|api|components\/(?:facts|section|unsaved|tag|notify-undo|moment|only-for|use-draft)\.)|features\/(?:alerts|stage|deployments|people)\/queries|chart\/(?:spark|texts|en)\./

// biome-ignore lint/style/noDefaultExport: Vite looks for it
export default defineConfig({
  plugins: [react(), mantine()],
  build: {
    target: 'es2023',
    // Those that know light-dark() by themselves: what stands in for it elsewhere needs a colour scheme that no style sheet sets here.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // What the control plane may serve for ever lies here, with hashes in its names.
    assetsDir: 'assets',
    sourcemap: false,
    chunkSizeWarningLimit: 1_200,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // What the first page cannot do without comes in one piece: fifty small ones cost a head and a wait each.
            { name: 'base', tags: ['$initial'] },
            // What most views have in common, too.
            { name: 'common', test: (id) => OURS.test(id) && !FLOATING.test(id), minShareCount: 24 },
            // What some have and others do without: each by itself, so that nobody waits for what they have no use for.
            { name: 'floating', test: FLOATING },
            { name: 'controls', test: CONTROLS },
            { name: 'choices', test: CHOICES },
            { name: 'fields', test: FIELDS },
            { name: 'parts', test: PARTS, minShareCount: 3 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:9000' } },
})
