import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './main.css'
import { Center, Loader, MantineProvider, Paper, Stack, Title } from '@mantine/core'
import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { lazy, type ReactNode, StrictMode, Suspense, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/query-client.ts'
import { Failed } from './components/faces.tsx'
import { LoginForm } from './features/session/login-form.tsx'
import { meQuery } from './features/session/me.ts'
import { SetUpForm } from './features/set-up/set-up-form.tsx'
import { LocaleProvider, useT } from './i18n/index.tsx'
import { router } from './routes/router.tsx'
import { cssVariables, theme } from './theme.ts'

/** Where the set-up link leads. */
const SET_UP = '/setup'
/** Where everybody reads the API document of a stage that makes it public. */
const PUBLIC_DOCUMENT = /^\/documents\/([^/]+)\/([^/]+)\/?$/

/** The latest that what comes over the page is fetched, in ms: nobody needs it before there is a page. */
const LATER_MS = 1_000

const Overlays = lazy(() => import('./overlays.tsx').then(({ Overlays }) => ({ default: Overlays })))

const PublicDocument = lazy(() =>
  import('./features/document/public-document.tsx').then(({ PublicDocument }) => ({ default: PublicDocument })),
)

/** What is shown: the one view that asks nobody who they are, or what is for those who are known. */
function App() {
  const [, service, stage] = PUBLIC_DOCUMENT.exec(window.location.pathname) ?? []
  if (service === undefined || stage === undefined) return <Known />
  return (
    <Suspense fallback={<Waiting />}>
      <PublicDocument service={service} stage={stage} />
    </Suspense>
  )
}

function Waiting() {
  return (
    <Center mih="100dvh" p="md">
      <Loader />
    </Center>
  )
}

/** Who is there decides what is shown: the login, or the console. */
function Known() {
  const me = useQuery(meQuery)
  if (me.data === undefined) {
    if (me.error === null) return <Waiting />
    return (
      <Center mih="100dvh" p="md">
        <Failed error={me.error} onRetry={() => void me.refetch()} />
      </Center>
    )
  }
  if (me.data === null) return window.location.pathname === SET_UP ? <SetUpPage /> : <LoginPage />
  return <RouterProvider router={router} />
}

function LoginPage() {
  const t = useT()
  return (
    <Front title={t('login.title')}>
      <LoginForm onDone={() => undefined} />
    </Front>
  )
}

function SetUpPage() {
  const t = useT()
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token') ?? ''
  return (
    <Front title={t('setUp.title')}>
      {/* The token has done its work, and is not to stay in the history. */}
      <SetUpForm token={token} onDone={() => void router.navigate({ to: '/start', replace: true })} />
    </Front>
  )
}

/** What is shown to somebody who is not in yet. */
function Front({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Turnpike`
  }, [title])
  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder p="xl" w="100%" maw={400}>
        <Stack>
          <Title order={1} size="h3">
            {title}
          </Title>
          {children}
        </Stack>
      </Paper>
    </Center>
  )
}

/** What comes over the page, once the page is there. What was asked or told before waits for it. */
function Later() {
  const [isTime, setIsTime] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsTime(true), LATER_MS)
    return () => clearTimeout(timer)
  }, [])
  return isTime ? (
    <Suspense>
      <Overlays />
    </Suspense>
  ) : null
}

// The view is fetched while it is asked who is there, and not only then: whoever is not in yet will want it next.
void router.load()

const container = document.getElementById('root')
if (container === null) throw new Error('index.html has no #root')
createRoot(container).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <LocaleProvider>
        <QueryClientProvider client={queryClient}>
          <App />
          <Later />
        </QueryClientProvider>
      </LocaleProvider>
    </MantineProvider>
  </StrictMode>,
)
