import {
  Button,
  Group,
  Input,
  type MantineColorScheme,
  PasswordInput,
  SegmentedControl,
  Stack,
  useMantineColorScheme,
} from '@mantine/core'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { answer, api, fieldError } from '../../api/client.ts'
import { Facts } from '../../components/facts.tsx'
import { notifyDone } from '../../components/notify.ts'
import { Page } from '../../components/page.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { Section } from '../../components/section.tsx'
import { useUnsaved } from '../../components/unsaved.tsx'
import { type Language, languages, useLocale } from '../../i18n/index.tsx'
import { GrantsText } from '../people/grants-fields.tsx'
import { meQuery } from '../session/me.ts'
import { useT } from './texts.ts'

/** Who one is, one's password, and how the console looks. */
export function Account() {
  const t = useT()
  const { data: me } = useSuspenseQuery(meQuery)
  if (me === null) return null
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Section title={t('who')}>
        <Facts
          facts={[
            [t('name'), me.name],
            [t('may'), <GrantsText key="may" of={me} />],
          ]}
        />
      </Section>
      <Section title={t('looks')} lead={t('looksLead')}>
        <Looks />
      </Section>
      <Section title={t('password')} lead={me.userId === null ? t('noPassword') : t('passwordLead')}>
        {me.userId !== null && <PasswordForm name={me.name} />}
      </Section>
    </Page>
  )
}

const schemes: readonly MantineColorScheme[] = ['auto', 'light', 'dark']

function Looks() {
  const t = useT()
  const { language, setLanguage } = useLocale()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const tags = Object.keys(languages) as Language[]
  return (
    <Group gap="xl" align="start">
      <Input.Wrapper label={t('language')} labelElement="div">
        <div>
          <SegmentedControl
            aria-label={t('language')}
            data={tags.map((value) => ({ value, label: languages[value] }))}
            value={language}
            onChange={setLanguage}
          />
        </div>
      </Input.Wrapper>
      <Input.Wrapper label={t('scheme')} labelElement="div">
        <div>
          <SegmentedControl
            aria-label={t('scheme')}
            data={schemes.map((value) => ({ value, label: t(`scheme.${value}`) }))}
            value={colorScheme}
            onChange={setColorScheme}
          />
        </div>
      </Input.Wrapper>
    </Group>
  )
}

function PasswordForm({ name }: { readonly name: string }) {
  const t = useT()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    mutationFn: () => answer(api.PUT('/api/v1/me/password', { body: { current, next } })),
    onSuccess() {
      setCurrent('')
      setNext('')
      notifyDone(t('changed'))
    },
  })
  useUnsaved(current !== '' || next !== '')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack maw={400}>
        {/* Tells password managers whose password it is. */}
        <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
        <PasswordInput
          label={t('current')}
          required
          autoComplete="current-password"
          value={current}
          error={fieldError(change.error, '/current')}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('next')}
          description={t('nextHint')}
          required
          autoComplete="new-password"
          value={next}
          error={fieldError(change.error, '/next')}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <ProblemAlert error={change.error} />
        <Button type="submit" loading={change.isPending} style={{ alignSelf: 'start' }}>
          {t('change')}
        </Button>
      </Stack>
    </form>
  )
}
