import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { answer, api } from '../../api/client.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT } from '../../i18n/index.tsx'
import { beginSession } from '../../session.ts'

/** Asks for name and password, and begins a session. */
export function LoginForm({ onDone }: { readonly onDone: () => void }) {
  const t = useT()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const logIn = useMutation({
    mutationFn: () => answer(api.POST('/api/v1/sessions', { body: { name, password } })),
    async onSuccess() {
      beginSession()
      await queries.invalidateQueries()
      onDone()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    logIn.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('login.name')}
          autoComplete="username"
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('login.password')}
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <ProblemAlert error={logIn.error} isLogin />
        <Button type="submit" loading={logIn.isPending}>
          {t('login.submit')}
        </Button>
      </Stack>
    </form>
  )
}
