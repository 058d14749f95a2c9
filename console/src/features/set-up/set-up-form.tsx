import { Alert, Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { answer, api, fieldError } from '../../api/client.ts'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { useT } from '../../i18n/index.tsx'

/** What the set-up link shows: the first user is made here, and is logged in. */
export function SetUpForm({ token, onDone }: { readonly token: string; readonly onDone: () => void }) {
  const t = useT()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const setUp = useMutation({
    mutationFn: () => answer(api.POST('/api/v1/setup', { body: { token, name, password } })),
    async onSuccess() {
      onDone()
      await queries.invalidateQueries()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setUp.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text>{t('setUp.lead')}</Text>
        {token === '' && (
          <Alert color="yellow" role="alert">
            {t('setUp.noToken')}
          </Alert>
        )}
        <TextInput
          label={t('login.name')}
          autoComplete="username"
          required
          data-autofocus
          value={name}
          error={fieldError(setUp.error, '/name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('setUp.password')}
          autoComplete="new-password"
          required
          minLength={10}
          value={password}
          error={fieldError(setUp.error, '/password')}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <ProblemAlert error={setUp.error} />
        <Button type="submit" loading={setUp.isPending}>
          {t('setUp.submit')}
        </Button>
      </Stack>
    </form>
  )
}
