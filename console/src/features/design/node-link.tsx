import { Anchor, type AnchorProps } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useDesign } from './design-context.tsx'

interface DesignLinkProps extends AnchorProps {
  /** The node that is gone to; the design as a whole without. */
  readonly at?: { readonly node: string; readonly method?: string }
  readonly children: ReactNode
}

/** A link within the design that is shown: the stage and what is looked for stay. */
export function DesignLink({ at, children, ...props }: DesignLinkProps) {
  const { service } = useDesign()
  return (
    <Anchor
      {...props}
      renderRoot={(root) => (
        <Link
          {...root}
          to="/services/$service/design"
          params={{ service }}
          search={(search) => ({ ...staying(search), ...at })}
        />
      )}
    >
      {children}
    </Anchor>
  )
}

/** A link to a node, by its name. */
export function NodeLink({ at, children }: Required<Pick<DesignLinkProps, 'at' | 'children'>>) {
  return (
    <DesignLink at={at} ff="monospace" inherit style={{ overflowWrap: 'anywhere' }}>
      {children}
    </DesignLink>
  )
}

/** What of the search parameters stays when another node is gone to. */
export const staying = ({ stage, q }: { readonly stage?: string; readonly q?: string }) => ({
  ...(stage !== undefined && { stage }),
  ...(q !== undefined && { q }),
})
