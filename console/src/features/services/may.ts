import { useRead } from '../../api/use-read.ts'
import { useMay } from '../session/me.ts'
import { serviceQuery } from './queries.ts'

/** Whether the reader may change a service, by its name. */
export function useMayWrite(service: string): boolean {
  const { data } = useRead(serviceQuery(service))
  return useMay('write', data?.value.id)
}
