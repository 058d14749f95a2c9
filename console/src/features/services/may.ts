import { useQuery } from '@tanstack/react-query'
import { useMay } from '../session/me.ts'
import { serviceQuery } from './queries.ts'

/** Whether the reader may change a service, by its name. */
export function useMayWrite(service: string): boolean {
  const { data } = useQuery(serviceQuery(service))
  return useMay('write', data?.value.id)
}
