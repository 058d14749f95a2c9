import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ApiProblem } from '../../api/client.ts'

/** Long enough for somebody to type the next letter. */
const PAUSE_MS = 250

/**
 * What the server says of something while it is typed: it is tried, and not kept. Gives the message of what is wrong, null
 * where nothing is, undefined while nobody knows. The rules stay where they are: on the server.
 */
export function useTrial(
  key: readonly unknown[],
  text: string,
  isEnabled: boolean,
  run: (text: string) => Promise<unknown>,
) {
  const [typed] = useDebouncedValue(text, PAUSE_MS)
  const trial = useQuery({
    queryKey: [...key, 'trial', typed],
    enabled: isEnabled && typed === text,
    placeholderData: keepPreviousData,
    gcTime: 0,
    queryFn: async () => {
      try {
        await run(typed)
        return null
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error
        const [first] = error.errors
        return first === undefined ? error.message : first.message
      }
    },
  })
  return isEnabled ? trial.data : undefined
}
