import { MutationCache, notifyManager, QueryCache, QueryClient } from '@tanstack/react-query'
import { currentSession, endSession } from '../session.ts'
import { ApiProblem, answer, api, Unreachable } from './client.ts'

const RETRIES = 3

// Who waits for an answer goes on after it is drawn, and not a turn before: what is typed then begins with what is there.
notifyManager.setScheduler(queueMicrotask)

/** What was read is kept for as long as it is looked at, and read anew when somebody comes back to it. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeEndOfSession }),
  mutationCache: new MutationCache({ onError: noticeEndOfSession }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What was refused is refused again; a server that is being started is not.
      retry: (count, error) => error instanceof Unreachable && count < RETRIES,
    },
    mutations: { retry: false },
  },
})

function noticeEndOfSession(error: Error): void {
  if (error instanceof ApiProblem && error.status === 401) void endUnlessKnown()
}

/** What was asked before somebody logged in again may be refused after it: what counts is whether they are known now. */
async function endUnlessKnown(): Promise<void> {
  const session = currentSession()
  try {
    await answer(api.GET('/api/v1/me'))
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) endSession(session)
  }
}
