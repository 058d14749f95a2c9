import '@mantine/core/styles/baseline.css'
import 'virtual:theme.css'
import '@mantine/core/styles/global.css'
import './main.css'
import { Center, MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { lazy, StrictMode, Suspense, startTransition, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/query-client.ts'
import { useRead } from './api/use-read.ts'
import { Failed } from './components/faces.tsx'
import { meQuery } from './features/session/me.ts'
import { LocaleProvider, loadPreferred } from './i18n/index.tsx'
import { router } from './routes/router.tsx'
import { theme } from './theme.ts'

/** Where the set-up link leads. */
const SET_UP = '/setup'
/** Where everybody reads the API document of a stage that makes it public. */
const PUBLIC_DOCUMENT = /^\/documents\/([^/]+)\/([^/]+)\/?$/

/** When what comes over the page is fetched, in ms after the page was asked for: nobody needs it before there is a page. */
const LATER_MS = 1_000

const front = () => import('./features/session/front.tsx')
const LoginPage = lazy(() => front().then(({ LoginPage }) => ({ default: LoginPage })))
const SetUpPage = lazy(() => front().then(({ SetUpPage }) => ({ default: SetUpPage })))

const Overlays = lazy(() => import('./overlays.tsx').then(({ Overlays }) => ({ default: Overlays })))

const PublicDocument = lazy(() =>
  import('./features/document/public-document.tsx').then(({ PublicDocument }) => ({ default: PublicDocument })),
)

/** What is shown: the one view that asks nobody who they are, or what is for those who are known. */
function App() {
  const [, service, stage] = PUBLIC_DOCUMENT.exec(window.location.pathname) ?? []
  if (service === undefined || stage === undefined) return <Known />
  return <PublicDocument service={service} stage={stage} />
}

/** Who is there decides what is shown: the login, or the console. */
function Known() {
  const me = useRead(meQuery)
  if (me.data === undefined) {
    if (me.error === null) return null
    return (
      <Center mih="100dvh" p="md">
        <Failed error={me.error} onRetry={() => void me.refetch()} />
      </Center>
    )
  }
  if (me.data !== null) return <RouterProvider router={router} />
  if (window.location.pathname !== SET_UP) return <LoginPage />
  // The token has done its work, and is not to stay in the history.
  return <SetUpPage onDone={() => void router.navigate({ to: '/start', replace: true })} />
}

/** What comes over the page, once the page is there. What was asked or told before waits for it. */
function Later() {
  const [isTime, setIsTime] = useState(false)
  useEffect(() => {
    const waitMs = Math.max(0, LATER_MS - performance.now())
    const timer = setTimeout(() => startTransition(() => setIsTime(true)), waitMs)
    return () => clearTimeout(timer)
  }, [])
  return isTime ? (
    <Suspense>
      <Overlays />
    </Suspense>
  ) : null
}

/** What is shown first is there before any of it is drawn: what it says, who is there, and their view. */
async function ready(): Promise<void> {
  const isForAll = PUBLIC_DOCUMENT.test(window.location.pathname)
  await Promise.all([loadPreferred(), isForAll || queryClient.prefetchQuery(meQuery)])
  const me = queryClient.getQueryData(meQuery.queryKey)
  if (me === null) await front()
  else if (me !== undefined) await router.load()
}

async function start(container: HTMLElement): Promise<void> {
  await ready()
  const root = createRoot(container)
  // In pieces, so that the page answers meanwhile.
  startTransition(() =>
    root.render(
      <StrictMode>
        <MantineProvider theme={theme} withCssVariables={false} defaultColorScheme="auto">
          <LocaleProvider>
            <QueryClientProvider client={queryClient}>
              <App />
              <Later />
            </QueryClientProvider>
          </LocaleProvider>
        </MantineProvider>
      </StrictMode>,
    ),
  )
}

const container = document.getElementById('root')
if (container === null) throw new Error('index.html has no #root')
// Not awaited: what a view is made of waits for this module to be done.
void start(container)
