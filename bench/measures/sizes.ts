import { stringify } from 'yaml'
import { largeDocument } from '../../tests/support/large-document.ts'
import type { Finding } from '../finding.ts'
import { largeDesign } from '../large-design.ts'
import type { Measure } from '../measure.ts'
import { SERVICE } from '../subjects/api.ts'
import { startTurnpike, type Turnpike } from '../subjects/turnpike.ts'

const TIMES = 9
const METHODS = 10_000
const SERVICES = 1_000
/** The most that a page may have. */
const PAGE = 1_000

export const sizes: Measure = {
  name: 'sizes',
  summary: 'how long it takes to work on a design of 10,000 methods and on 1,000 services, and to import 5 MB',
  async run() {
    const turnpike = await startTurnpike()
    try {
      return [
        ...(await onLargeImports(turnpike)),
        ...(await onLargeDesign(turnpike)),
        ...(await onManyServices(turnpike)),
      ]
    } finally {
      await turnpike.stop()
    }
  },
}

/** Imports while others are served: how long it takes, and how long one of the others had to wait at most. */
async function onLargeImports(turnpike: Turnpike): Promise<Finding[]> {
  const document = largeDocument()
  const texts = { JSON: JSON.stringify(document), YAML: stringify(document) }
  const findings: Finding[] = []
  for (const [format, text] of Object.entries(texts)) {
    const began = performance.now()
    let isOver = false
    const done = turnpike
      .api('POST', '/imports', { service: `import-${format.toLowerCase()}`, document: text })
      .finally(() => {
        isOver = true
      })
    let longest = 0
    while (!isOver) {
      const asked = performance.now()
      // It asks nothing of the store, which has one transaction at a time: what it waits for is the process.
      await turnpike.api('GET', '/status')
      longest = Math.max(longest, performance.now() - asked)
    }
    await done
    const what = `import of ${(text.length / 1e6).toFixed(1)} MB ${format}, 1,000 operations`
    findings.push({ what, measured: performance.now() - began, aim: 5_000, unit: 'ms' })
    findings.push({
      what: `${what}: the longest time that the process is taken up`,
      measured: longest,
      aim: 100,
      unit: 'ms',
    })
  }
  return findings
}

async function onLargeDesign(turnpike: Turnpike): Promise<Finding[]> {
  const document = JSON.stringify(largeDesign(METHODS))
  await turnpike.api('POST', '/imports', { service: SERVICE, document, backendUrl: 'http://127.0.0.1:9', deploy: true })
  const service = `/services/${SERVICE}`
  const [stage, method] = [`${service}/stages/live`, await someMethod(turnpike)]
  let edits = 0
  const edit = () => turnpike.api('PATCH', `${service}/methods/${method}`, { description: `Edit ${++edits}` })
  const deploy = () => turnpike.api('POST', `${stage}/deployments`, { apply: true })
  const finding = async (what: string, aim: number, ...work: Parameters<typeof bestMs>): Promise<Finding> => ({
    what: `10,000 methods: ${what}`,
    measured: await bestMs(...work),
    aim,
    unit: 'ms',
  })
  return [
    await finding('the first page of the tree', 300, () => turnpike.api('GET', `${service}/resources?limit=${PAGE}`)),
    await finding('the whole tree, page by page', 300, () => wholeTree(turnpike)),
    await finding('one edit', 30, edit),
    await finding('changes between draft, stage and live', 500, () => turnpike.api('GET', `${stage}/changes`)),
    await finding('apply and deploy', 1_000, deploy, edit),
  ]
}

async function onManyServices(turnpike: Turnpike): Promise<Finding[]> {
  for (let i = 1; i < SERVICES; i++)
    await turnpike.api('POST', '/services', { name: `service-${i}`, description: `API of team ${i % 40}: orders` })
  const queries = {
    'all of them': `limit=${PAGE}`,
    'a page of 100': 'limit=100',
    'search for some': 'q=TEAM+17',
    'by last change': 'sort=-updatedAt',
  }
  const findings: Finding[] = []
  for (const [what, query] of Object.entries(queries)) {
    const measured = await bestMs(() => turnpike.api('GET', `/services?${query}`))
    findings.push({ what: `1,000 services: ${what}`, measured, aim: 100, unit: 'ms' })
  }
  return findings
}

async function someMethod(turnpike: Turnpike): Promise<string> {
  const { items } = await turnpike.api('GET', `/services/${SERVICE}/resources?limit=2`)
  return String(items?.[1]?.methods?.[0]?.id)
}

async function wholeTree(turnpike: Turnpike): Promise<void> {
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams({ limit: String(PAGE), after })
    const { items } = await turnpike.api('GET', `/services/${SERVICE}/resources?${query}`)
    const page = items as unknown as { path: string }[]
    after = page.length < PAGE ? null : (page.at(-1)?.path ?? null)
  }
}

/** The shortest time of several: what the work takes where nothing else is in its way. `prepare` is not measured. */
async function bestMs(
  work: () => Promise<unknown>,
  prepare: () => Promise<unknown> = async () => null,
): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < TIMES; i++) {
    await prepare()
    const began = performance.now()
    await work()
    best = Math.min(best, performance.now() - began)
  }
  return best
}
