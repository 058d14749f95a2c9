import type { Page } from 'playwright-core'
import { call } from '../../tests/support/design.ts'
import type { Finding } from '../finding.ts'
import { largeDesign } from '../large-design.ts'
import { answered, longestTask, observe } from './observed.ts'
import { longestTaskCpu } from './trace.ts'
import type { Visited } from './visited.ts'

/** Whether the tree of a large design holds somebody up who works in it. */

const METHODS = 10_000
const AIM_MS = 100
const SERVICE = 'large'
const DESIGN = `/services/${SERVICE}/design`
const MIDDLE = `/collection-${METHODS / 8}/{id}`
const TYPED = 'collection-12 set'
/** Of one turn of a wheel, and how many there are before the end is gone to. */
const WHEEL_PX = 900
const TURNS = 40

export async function largeTree(visited: Visited): Promise<Finding[]> {
  const document = JSON.stringify(largeDesign(METHODS))
  await call(visited.turnpike, 'POST', '/imports', { service: SERVICE, document })
  const context = await visited.visitor(true)
  const page = await context.newPage()
  await observe(page, '[role=treeitem]')
  const findings: Finding[] = []
  for (const [what, use] of Object.entries(uses)) {
    const cpuMs = await longestTaskCpu(visited.browser, page, async () => {
      await use(page)
      await answered(page)
    })
    findings.push(
      { what: `10,000 methods, ${what}: longest task`, measured: await longestTask(page), aim: AIM_MS, unit: 'ms' },
      { what: `10,000 methods, ${what}: CPU time of the longest task`, measured: cpuMs, aim: AIM_MS, unit: 'ms' },
    )
  }
  await context.close()
  return findings
}

const tree = (page: Page) => page.getByRole('tree')
const row = (page: Page, name: string | RegExp) => page.getByRole('treeitem', { name }).first()

/** What somebody does there, one after the other. */
const uses: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  async loading(page) {
    await page.goto(DESIGN)
    await row(page, /collection-0/).waitFor()
  },
  async 'opening all of it'(page) {
    await page.getByRole('button', { name: 'Open all' }).click()
    await row(page, /List collection-0/).waitFor()
  },
  async 'scrolling from top to end'(page) {
    await tree(page).hover()
    for (let i = 0; i < TURNS; i++) await page.mouse.wheel(0, WHEEL_PX)
    await tree(page).focus()
    await page.keyboard.press('End')
    await row(page, /Set in collection-999\b/).waitFor()
  },
  async 'searching as one types'(page) {
    await page.getByRole('textbox', { name: 'Search' }).pressSequentially(TYPED, { delay: 120 })
    await row(page, /Set in collection-12\b/).waitFor()
  },
  async 'a link to its middle'(page) {
    await page.goto(`${DESIGN}?node=${encodeURIComponent(MIDDLE)}&method=GET`)
    await row(page, /Read of/).waitFor()
  },
}
