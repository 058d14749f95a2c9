import { ScrollArea, UnstyledButton } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import classes from './tabs.module.css'

/** A part of something, with its URL. */
export interface Tab {
  readonly label: string
  readonly to: string
}

/** The parts of something as links in a row: each is a page of its own. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  return (
    <ScrollArea type="never" component="nav" aria-label={label} className={classes.row ?? ''}>
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
