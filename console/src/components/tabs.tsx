import { ScrollArea, UnstyledButton } from '@mantine/core'
import { Link, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import classes from './tabs.module.css'

/** A part of something, with its URL. */
export interface Tab {
  readonly label: string
  readonly to: string
}

/** The parts of something as links in a row: each is a page of its own. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const viewport = useRef<HTMLDivElement>(null)
  const { pathname } = useLocation()
  const active = tabs.findIndex(({ to }) => pathname.startsWith(to))
  // On a narrow screen the row is wider than what is seen of it: the part that one is in is in sight.
  useEffect(() => {
    const row = viewport.current
    const link = row?.querySelectorAll('a')[active]
    if (row !== null && link !== undefined) row.scrollLeft = link.offsetLeft - (row.clientWidth - link.clientWidth) / 2
  }, [active])
  return (
    <ScrollArea type="never" component="nav" aria-label={label} className={classes.row ?? ''} viewportRef={viewport}>
      <div className={classes.links}>
        {tabs.map(({ label, to }) => (
          <UnstyledButton
            key={to}
            component={Link}
            to={to}
            className={classes.link ?? ''}
            activeProps={{ 'data-active': true, 'aria-current': 'page' }}
          >
            {label}
          </UnstyledButton>
        ))}
      </div>
    </ScrollArea>
  )
}
