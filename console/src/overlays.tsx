import '@mantine/notifications/styles.css'
import { Button, Group, MantineThemeProvider, Modal, Stack, Text } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { answerQuestion, useQuestion } from './components/confirm.tsx'
import { LoginForm } from './features/session/login-form.tsx'
import { useT } from './i18n/index.tsx'
import { useHasSessionEnded } from './session.ts'

/** What comes over the page: notices, questions, and the login where a session has ended. */

/** The login comes over whatever dialog was open when the session ended. */
const ABOVE_ALL = 1_000
/** A question comes over the dialog that it is about. */
const ABOVE_DIALOGS = 500

export function Overlays() {
  return (
    <>
      <Notices />
      <Asked />
      <LoginAgain />
    </>
  )
}

/** What has been done, and what has failed: its button says what it does, in the reader's language. */
function Notices() {
  const t = useT()
  const components = {
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': t('action.close') } } },
  }
  return (
    <MantineThemeProvider theme={{ components }}>
      {/* Not on the right, where drawers have their buttons: what has failed stays until it is closed. */}
      <Notifications position="bottom-left" />
    </MantineThemeProvider>
  )
}

/** Asks before something is destroyed. The button that changes nothing has the focus. */
function Asked() {
  const t = useT()
  const { question, isOpen } = useQuestion()
  return (
    <Modal
      opened={isOpen}
      onClose={() => answerQuestion(false)}
      title={question?.title}
      zIndex={ABOVE_DIALOGS}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {question?.children ?? <Text size="sm">{t('confirm.cannotBeUndone')}</Text>}
      {question?.action !== undefined && (
        <Group justify="flex-end" mt="md">
          <Button variant="default" data-autofocus onClick={() => answerQuestion(false)}>
            {t('action.cancel')}
          </Button>
          <Button color="red" onClick={() => answerQuestion(true)}>
            {question.action}
          </Button>
        </Group>
      )}
    </Modal>
  )
}

/** The login over what is there. */
function LoginAgain() {
  const t = useT()
  const hasEnded = useHasSessionEnded()
  return (
    <Modal
      opened={hasEnded}
      onClose={() => undefined}
      withCloseButton={false}
      title={t('login.title')}
      zIndex={ABOVE_ALL}
    >
      <Stack>
        <Text size="sm">{t('login.expired')}</Text>
        <LoginForm onDone={() => undefined} />
      </Stack>
    </Modal>
  )
}
