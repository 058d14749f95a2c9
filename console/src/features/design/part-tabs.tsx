import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, Suspense } from 'react'
import { Loading } from '../../components/faces.tsx'

/** A part of a node, in a tab of its own. */
export interface Part<Name extends string> {
  readonly name: Name
  readonly label: string
  /** How many there are of what it shows. */
  readonly count?: number | undefined
  readonly content: () => ReactNode
}

/** Which part is shown: the URL says it. The first one where it names none of these. */
export function usePart<Name extends string>(names: readonly Name[]) {
  const { part } = useSearch({ from: '/services/$service/design' })
  const navigate = useNavigate({ from: '/services/$service/design' })
  const shown = names.find((name) => name === part) ?? names[0]
  const show = (name: string | null) =>
    void navigate({
      search: ({ part: _part, ...others }) => (name === null ? others : { ...others, part: name }),
      replace: true,
      resetScroll: false,
    })
  return { shown, show }
}

/** The parts of a node as tabs. Only the one that is shown is there. */
export function PartTabs<Name extends string>({
  parts,
  shown,
  onShow,
}: {
  readonly parts: readonly Part<Name>[]
  readonly shown: Name | undefined
  readonly onShow: (name: string | null) => void
}) {
  return (
    <Tabs value={shown ?? null} onChange={onShow} keepMounted={false}>
      <Tabs.List>
        {parts.map(({ name, label, count }) => (
          <Tabs.Tab key={name} value={name} px="sm">
            {label}
            {count !== undefined && count > 0 ? ` (${count})` : ''}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {parts.map(({ name, content }) => (
        <Tabs.Panel key={name} value={name} pt="md">
          {/* What is loaded for one part leaves the others where they are. */}
          <Suspense fallback={<Loading rows={4} />}>{content()}</Suspense>
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
