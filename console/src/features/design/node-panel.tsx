import { Stack } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useSearch } from '@tanstack/react-router'
import { NotFound } from '../../components/faces.tsx'
import { useDesign } from './design-context.tsx'
import { MethodPanel } from './method-panel.tsx'
import { DesignLink } from './node-link.tsx'
import { Overview } from './overview.tsx'
import { PathPanel } from './path-panel.tsx'
import { useT } from './texts.ts'
import { selectedOf } from './tree-model.ts'

/** What is chosen in the tree; with nothing chosen, the design as a whole. */
export function NodePanel({ isNarrow }: { readonly isNarrow: boolean }) {
  const t = useT()
  const { tree } = useDesign()
  const { node, method } = useSearch({ from: '/services/$service/design' })
  return (
    <Stack gap="md" style={{ minWidth: 0 }}>
      {isNarrow && (
        <DesignLink size="sm">
          <IconArrowLeft size={14} aria-hidden style={{ verticalAlign: '-2px' }} /> {t('design.allPaths')}
        </DesignLink>
      )}
      <Chosen node={node} method={method} tree={tree} />
    </Stack>
  )
}

function Chosen({
  node,
  method,
  tree,
}: {
  readonly node: string | undefined
  readonly method: string | undefined
  readonly tree: ReturnType<typeof useDesign>['tree']
}) {
  if (node === undefined && method === undefined) return <Overview />
  const selected = selectedOf(tree, node, method)
  if (selected === null) return <NotFound />
  if (selected.method === null) return <PathPanel key={selected.node.id} node={selected.node} />
  return <MethodPanel key={selected.method.id} node={selected.node} method={selected.method} />
}
