import { Alert, Stepper } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Page } from '../../components/page.tsx'
import { useMay } from '../session/me.ts'
import { CallStep } from './call-step.tsx'
import { ChooseStep } from './choose-step.tsx'
import { useT } from './texts.ts'

/** From nothing to an answer: which API, and its first call. Where one is stands in the URL. */
export function GuidedStart() {
  const t = useT()
  const mayWrite = useMay('write')
  const { service, stage, from } = useSearch({ from: '/start' })
  const navigate = useNavigate({ from: '/start' })
  const isMade = service !== undefined && stage !== undefined
  return (
    <Page title={t('title')} lead={t('lead')}>
      {!mayWrite && <Alert color="yellow">{t('mayNot')}</Alert>}
      {mayWrite && (
        <Stepper
          active={isMade ? 1 : 0}
          size="sm"
          maw={860}
          aria-label={t('steps')}
          onStepClick={(step) => {
            if (step === 0) void navigate({ search: {} })
          }}
        >
          <Stepper.Step label={t('choose')}>
            <ChooseStep onMade={(made) => void navigate({ search: made })} />
          </Stepper.Step>
          <Stepper.Step label={t('call')} allowStepSelect={false}>
            {isMade && <CallStep service={service} stage={stage} from={from} />}
          </Stepper.Step>
        </Stepper>
      )}
    </Page>
  )
}
