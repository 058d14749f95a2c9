import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Service } from '../../api/model.ts'
import { serviceQuery, servicesQuery } from '../services/queries.ts'

const SEARCH_DELAY_MS = 200

interface ServiceSelectProps {
  readonly label: string
  /** Id of the service. */
  readonly value: string | null
  readonly onChange: (service: Service | null) => void
  readonly isClearable?: boolean
}

/** Chooses a service, which the server searches: there may be more than a list can hold. */
export function ServiceSelect({ label, value, onChange, isClearable = false }: ServiceSelectProps) {
  const [text, setText] = useState('')
  const [q] = useDebouncedValue(text, SEARCH_DELAY_MS)
  const services = useInfiniteQuery(servicesQuery(q))
  const chosen = useQuery({ ...serviceQuery(value ?? ''), enabled: value !== null })
  const found = services.data?.pages.flatMap(({ items }) => items) ?? []
  const known = chosen.data?.value
  const offered = known === undefined || found.some(({ id }) => id === known.id) ? found : [known, ...found]
  return (
    <Select
      label={label}
      data={offered.map(({ id, name }) => ({ value: id, label: name }))}
      value={value}
      searchable
      clearable={isClearable}
      required={!isClearable}
      onSearchChange={(typed) => setText(typed === known?.name ? '' : typed)}
      onChange={(id) => onChange(offered.find((one) => one.id === id) ?? null)}
    />
  )
}

/** The name of a service by its id; the id where it is gone. */
export function ServiceName({ id }: { readonly id: string }) {
  const service = useQuery(serviceQuery(id))
  return service.data?.value.name ?? id
}
