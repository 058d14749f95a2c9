import { interactive, scripts } from '../console/first-view.ts'
import { grades } from '../console/grades.ts'
import { largeTree } from '../console/large-tree.ts'
import { startVisited } from '../console/visited.ts'
import type { Measure } from '../measure.ts'

/** What somebody with a browser waits for: see `docs/performance.md`. */
export const consolePages: Measure = {
  name: 'console',
  summary: 'the first view, Lighthouse, and a tree of 10,000 methods, in a real browser',
  async run() {
    const visited = await startVisited()
    try {
      return [
        ...(await scripts(visited)),
        ...(await interactive(visited)),
        ...(await largeTree(visited)),
        ...(await grades(visited)),
      ]
    } finally {
      await visited.stop()
    }
  },
}
