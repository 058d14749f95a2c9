import { Anchor, type AnchorProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { Ref } from 'react'

type AnchorLinkProps = Omit<AnchorProps, 'href'> & { readonly ref?: Ref<HTMLAnchorElement> }

/** A link among texts to a view, whose parameters are checked. */
export const TextLink = createLink((props: AnchorLinkProps) => <Anchor {...props} />)
