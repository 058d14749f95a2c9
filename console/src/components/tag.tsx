import { Badge, type BadgeProps } from '@mantine/core'
import type { ReactNode } from 'react'

interface TagProps extends Pick<BadgeProps, 'color' | 'size' | 'variant'> {
  /** More about it, for those who point at it. */
  readonly title?: string | undefined
  readonly children: ReactNode
}

/** A state or a kind in a word or two, as it is written, and never cut. */
export function Tag({ color = 'gray', variant = 'light', size = 'md', title, children }: TagProps) {
  return (
    <Badge color={color} variant={variant} size={size} tt="none" fw={600} title={title}>
      {children}
    </Badge>
  )
}
