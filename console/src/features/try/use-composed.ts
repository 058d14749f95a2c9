import { useDebouncedCallback } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { type Composed, fromSearch, toSearch } from './composed.ts'

const FROM = '/services/$service/stages/$stage/try'
/** The address follows the typing, but not each letter. */
const ADDRESS_DELAY_MS = 300

/** The request that is composed; the address of the page follows it, without what is secret. */
export function useComposed(): { readonly composed: Composed; readonly setComposed: (composed: Composed) => void } {
  const search = useSearch({ from: FROM })
  const navigate = useNavigate({ from: FROM })
  const [composed, set] = useState(() => fromSearch(search))
  const follow = useDebouncedCallback((next: Composed) => {
    void navigate({
      search: ({ dry, against, call }) => ({ ...toSearch(next), ...defined({ dry, against, call }) }),
      replace: true,
      resetScroll: false,
    })
  }, ADDRESS_DELAY_MS)
  return {
    composed,
    setComposed(next) {
      set(next)
      follow(next)
    },
  }
}

function defined(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
