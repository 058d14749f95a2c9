import { Badge, type BadgeProps } from '@mantine/core'
import type { ReactNode } from 'react'

interface TagProps extends Pick<BadgeProps, 'color' | 'size' | 'variant'> {
  readonly children: ReactNode
}

/** A state or a kind in a word or two, as it is written, and never cut. */
export function Tag({ color = 'gray', variant = 'light', size = 'md', children }: TagProps) {
  return (
    <Badge color={color} variant={variant} size={size} tt="none" fw={600} miw="fit-content">
      {children}
    </Badge>
  )
}
