import { Alert, Stepper } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Page } from '../../components/page.tsx'
import { useMay } from '../session/me.ts'
import { CallStep } from './call-step.tsx'
import { ChooseStep } from './choose-step.tsx'
import classes from './guided-start.module.css'
import { ProtectStep } from './protect-step.tsx'
import { useT } from './texts.ts'
import { useAddress } from './use-address.ts'

const PROTECT = 'protect'

/** From nothing to an answer, and on to an API that is protected. Where one is stands in the URL. */
export function GuidedStart() {
  const t = useT()
  const mayWrite = useMay('write')
  const { service, stage, from, step } = useSearch({ from: '/start' })
  const navigate = useNavigate({ from: '/start' })
  const isMade = service !== undefined && stage !== undefined
  const url = useAddress(service, stage)
  const active = !isMade ? 0 : step === PROTECT ? 2 : 1
  return (
    <Page title={t('title')} lead={t('lead')}>
      {!mayWrite && <Alert color="yellow">{t('mayNot')}</Alert>}
      {mayWrite && (
        <Stepper
          active={active}
          size="sm"
          maw={860}
          aria-label={t('steps')}
          classNames={{ steps: classes.steps ?? '', separator: classes.line ?? '' }}
          onStepClick={(clicked) =>
            void navigate({
              search: ({ step: _step, ...made }) =>
                clicked === 0 ? {} : clicked === 1 ? made : { ...made, step: PROTECT },
            })
          }
        >
          <Stepper.Step label={t('choose')}>
            <ChooseStep onMade={(made) => void navigate({ search: made })} />
          </Stepper.Step>
          <Stepper.Step label={t('call')} allowStepSelect={isMade}>
            {isMade && <CallStep service={service} stage={stage} from={from} url={url} />}
          </Stepper.Step>
          <Stepper.Step label={t('protect')} allowStepSelect={isMade}>
            {isMade && <ProtectStep service={service} stage={stage} url={url} />}
          </Stepper.Step>
        </Stepper>
      )}
    </Page>
  )
}
