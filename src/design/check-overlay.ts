import type { Vault } from '../lib/vault.ts'
import type { OverlayNode } from '../model/stage.ts'
import type { Problem } from '../plugins/plugin.ts'
import type { PolicyKeys } from '../plugins/policies.ts'
import { checkBackend } from './check-backend.ts'
import { checkAttachments } from './check-plugins.ts'
import type { Design } from './design.ts'
import { pathVariables } from './paths.ts'

/** An overlay node as a caller gives it. */
export type GivenOverlayNode = Omit<OverlayNode, 'plugins'> & { readonly plugins: readonly unknown[] }

/** How an overlay node is called: `GET /pets`, or `/pets` for the path. */
export function overlayKey({ path, verb }: Pick<OverlayNode, 'path' | 'verb'>): string {
  return verb === null ? path : `${verb} ${path}`
}

/** The overlay with every default filled in, and everything wrong with it: nodes that the design does not have, and what is on them. */
export function checkOverlay(
  given: readonly GivenOverlayNode[],
  design: Design,
  pointer: string,
  vault: Vault | null,
  policies: PolicyKeys,
): { overlay: OverlayNode[]; problems: Problem[] } {
  const nodes = nodeKeys(design)
  const seen = new Set<string>()
  const problems: Problem[] = []
  const overlay = given.map((node, i): OverlayNode => {
    const { path, verb, backend } = node
    const at = `${pointer}/${i}`
    const key = overlayKey(node)
    if (!nodes.has(key))
      problems.push({
        path: `${at}/path`,
        message: `"${key}" is not in the design that the stage runs: apply the draft, or correct it.`,
      })
    if (seen.has(key))
      problems.push({ path: at, message: `"${key}" is in the overlay twice: put both into one entry.` })
    seen.add(key)
    const checked = checkAttachments(node.plugins, {
      place: verb === null ? 'path' : 'method',
      pathVariables: pathVariables(path),
      pointer: `${at}/plugins`,
      vault,
      policies,
    })
    problems.push(...checked.problems)
    if (backend === null) return { path, verb, plugins: checked.attachments, backend }
    const own = checkBackend(backend, `${at}/backend`, vault)
    problems.push(...own.problems)
    return { path, verb, plugins: checked.attachments, backend: own.backend }
  })
  return { overlay, problems }
}

/** An overlay without the nodes that a design does not have, and those. */
export function fitOverlay(
  overlay: readonly OverlayNode[],
  design: Design,
): { kept: OverlayNode[]; dropped: OverlayNode[] } {
  const nodes = nodeKeys(design)
  return {
    kept: overlay.filter((node) => nodes.has(overlayKey(node))),
    dropped: overlay.filter((node) => !nodes.has(overlayKey(node))),
  }
}

function nodeKeys({ resources, methods }: Design): Set<string> {
  const paths = new Map(resources.map(({ id, path }) => [id, path]))
  return new Set([
    ...paths.values(),
    ...methods.map(({ verb, resourceId }) => `${verb} ${paths.get(resourceId) ?? ''}`),
  ])
}
