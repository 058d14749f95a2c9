import { ActionIcon, Anchor, AppShell, Burger, Group, NavLink, Text, useMantineColorScheme } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconBell,
  IconCertificate,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconLicense,
  IconLogout,
  IconRoute,
  IconServer,
  IconSunMoon,
  IconTicket,
  IconUser,
  IconUsers,
} from '@tabler/icons-react'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { answer, api } from '../api/client.ts'
import { meQuery, useMay } from '../features/session/me.ts'
import { languages, useLocale, useT } from '../i18n/index.tsx'
import { useKeptFocus } from './keep-focus.ts'
import classes from './shell.module.css'

/** What is around every page: where one can go, and who one is. */

const places = [
  { to: '/', label: 'nav.overview', icon: IconLayoutDashboard, isExact: true },
  { to: '/services', label: 'nav.services', icon: IconRoute },
  { to: '/keys', label: 'nav.keys', icon: IconKey, needs: 'read' },
  { to: '/plans', label: 'nav.plans', icon: IconLicense, needs: 'read' },
  { to: '/alerts', label: 'nav.alerts', icon: IconBell },
  { to: '/certificates', label: 'nav.certificates', icon: IconCertificate, needs: 'read' },
  { to: '/people', label: 'nav.people', icon: IconUsers, needs: 'admin' },
  { to: '/tokens', label: 'nav.tokens', icon: IconTicket },
  { to: '/audit', label: 'nav.audit', icon: IconHistory, needs: 'admin' },
  { to: '/status', label: 'nav.status', icon: IconServer, needs: 'read' },
] as const

export function Shell() {
  const t = useT()
  useKeptFocus()
  const [isMenuOpen, { toggle, close }] = useDisclosure()
  const may = { read: useMay('read'), admin: useMay('admin') }
  const isOffered = (place: (typeof places)[number]) => !('needs' in place) || may[place.needs]
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !isMenuOpen } }}
      padding="lg"
    >
      <AppShell.Header>
        <Anchor href="#content" className="skip-link">
          {t('app.skip')}
        </Anchor>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={isMenuOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('app.menu')} />
            <Anchor component={Link} to="/" underline="never" c="inherit">
              <Group gap={8} wrap="nowrap">
                <img src="/turnpike.svg" alt="" width={26} height={26} />
                <Text fw={700} className={classes.name ?? ''}>
                  {t('app.name')}
                </Text>
              </Group>
            </Anchor>
          </Group>
          <Tools />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('nav.main')}>
        <AppShell.Section grow style={{ overflowY: 'auto' }}>
          {places.filter(isOffered).map(({ to, label, icon: Icon, ...rest }) => (
            <NavLink
              key={to}
              component={Link}
              to={to}
              activeOptions={{ exact: 'isExact' in rest }}
              activeProps={{ 'data-active': true, 'aria-current': 'page' }}
              label={t(label)}
              leftSection={<Icon size={18} aria-hidden />}
              onClick={close}
            />
          ))}
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Coming />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  )
}

/** Says that another page is on its way, once that takes a while: until it is there the page of before stays, and works as before. */
function Coming() {
  const t = useT()
  const isLoading = useRouterState({ select: (state) => state.isLoading })
  return isLoading && <div role="status" aria-label={t('state.loading')} className={classes.coming} />
}

function Tools() {
  const t = useT()
  const { toggleColorScheme } = useMantineColorScheme()
  const { data: me } = useSuspenseQuery(meQuery)
  return (
    <Group gap={4} wrap="nowrap">
      <LanguageSelect />
      <ActionIcon
        variant="subtle"
        size="lg"
        aria-label={t('app.theme')}
        title={t('app.theme')}
        onClick={toggleColorScheme}
      >
        <IconSunMoon size={20} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        size="lg"
        component={Link}
        to="/account"
        aria-label={t('app.account')}
        title={`${t('app.account')}: ${me?.name}`}
      >
        <IconUser size={20} />
      </ActionIcon>
      <LogOut />
    </Group>
  )
}

/** The browser's own list: a menu of the library's would make every first visit wait for what places menus. */
function LanguageSelect() {
  const { t, language, setLanguage } = useLocale()
  return (
    <select
      className={classes.language}
      aria-label={t('app.language')}
      value={language}
      onChange={({ currentTarget: { value } }) => setLanguage(value === 'ko' ? 'ko' : 'en')}
    >
      {Object.entries(languages).map(([tag, name]) => (
        <option key={tag} lang={tag} value={tag}>
          {name}
        </option>
      ))}
    </select>
  )
}

function LogOut() {
  const t = useT()
  const logOut = useMutation({
    mutationFn: () => answer(api.DELETE('/api/v1/sessions/current')),
    // A fresh page: nothing of what this reader saw is left for the next.
    onSuccess: () => window.location.assign('/'),
  })
  return (
    <ActionIcon
      variant="subtle"
      size="lg"
      aria-label={t('app.logOut')}
      title={t('app.logOut')}
      loading={logOut.isPending}
      onClick={() => logOut.mutate()}
    >
      <IconLogout size={20} />
    </ActionIcon>
  )
}
