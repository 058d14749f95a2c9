import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { animationsEnd } from './settle.ts'

/** What axe finds wrong with a page for those who cannot see, or use a mouse. */

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** WCAG 2.2 A and AA, and what axe's makers advise beside. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * What cannot be mended: the page of API documents makes a second <main>, which we give another role. HTML has no role for that
 * element but its own (ARIA in HTML, 4), readers go by the role all the same.
 */
const isKnown = (rule: string, html: string) =>
  rule === 'aria-allowed-role' && html.includes('class="references-rendered"')

interface Finding {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** Everything that breaks a rule, as lines to read; empty where all is well. */
export async function violations(page: Page): Promise<string[]> {
  // Nothing that still fades in has its colours yet.
  await animationsEnd(page)
  // Half a megabyte to read: once for a document.
  if (await page.evaluate<boolean>('typeof axe === "undefined"')) await page.evaluate(SOURCE)
  const options = { runOnly: { type: 'tag', values: TAGS }, resultTypes: ['violations'], selectors: false }
  const found = await page.evaluate<{ violations: Finding[] }>(`axe.run(document, ${JSON.stringify(options)})`)
  return found.violations.flatMap(({ id, help, nodes }) =>
    nodes
      .filter(({ html }) => !isKnown(id, html))
      .map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary.replaceAll('\n', '\n  ')}`),
  )
}
