import { Center, Paper, Stack, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { useT } from '../../i18n/index.tsx'
import { SetUpForm } from '../set-up/set-up-form.tsx'
import { LoginForm } from './login-form.tsx'

/** What is shown to somebody who is not in yet. */

export function LoginPage() {
  const t = useT()
  return (
    <Front title={t('login.title')}>
      <LoginForm onDone={() => undefined} />
    </Front>
  )
}

/** Where the set-up link leads; `onDone` is told that there is a first user now. */
export function SetUpPage({ onDone }: { readonly onDone: () => void }) {
  const t = useT()
  const token = new URLSearchParams(window.location.hash.slice(1)).get('token') ?? ''
  return (
    <Front title={t('setUp.title')}>
      <SetUpForm token={token} onDone={onDone} />
    </Front>
  )
}

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
