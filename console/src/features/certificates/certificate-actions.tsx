import { Button, Group, List, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api, ifMatch } from '../../api/client.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Faces } from '../../components/faces.tsx'
import { notifyDone, notifyFailed } from '../../components/notify.ts'
import { useT as useCommonT } from '../../i18n/index.tsx'
import { EditCertificateForm } from './certificate-form.tsx'
import { type Certificate, certificateQuery } from './queries.ts'
import { useT } from './texts.ts'

/** What can be done with a certificate. Before it is deleted, the hosts are named that show it now. */
export function CertificateActions({ of: { id, name, version, usedBy } }: { readonly of: Certificate }) {
  const t = useT()
  const common = useCommonT()
  const confirm = useConfirm()
  const queries = useQueryClient()
  const [isChanging, { open, close }] = useDisclosure()
  const remove = useMutation({
    mutationFn: () =>
      answer(
        api.DELETE('/api/v1/certificates/{certificateId}', {
          params: { path: { certificateId: id } },
          ...ifMatch(`"${version}"`),
        }),
      ),
    onSuccess: () => notifyDone(common('state.deleted')),
    onError: notifyFailed,
    onSettled: () => queries.invalidateQueries({ queryKey: ['certificates'] }),
  })
  const ask = () =>
    confirm({
      title: common('confirm.delete', { name }),
      children: (
        <Stack gap="xs">
          <List size="sm">
            {usedBy.map(({ service, stage, host }) => (
              <List.Item key={host}>
                {host} ({service}/{stage})
              </List.Item>
            ))}
          </List>
          <Text size="sm">{t(usedBy.length === 0 ? 'deleteUnused' : 'deleteText')}</Text>
        </Stack>
      ),
      action: common('action.delete'),
      onConfirm: () => remove.mutate(),
    })
  return (
    <Group gap="xs" wrap="nowrap" justify="end">
      <Button size="xs" variant="default" aria-label={t('changeOf', { name })} onClick={open}>
        {t('change')}
      </Button>
      <Dialog title={t('changeOf', { name })} isOpen={isChanging} onClose={close} size="lg">
        <EditCertificate id={id} onDone={close} />
      </Dialog>
      <Button size="xs" variant="default" loading={remove.isPending} aria-label={t('deleteOf', { name })} onClick={ask}>
        {common('action.delete')}
      </Button>
    </Group>
  )
}

function EditCertificate({ id, onDone }: { readonly id: string; readonly onDone: () => void }) {
  const certificate = useQuery(certificateQuery(id))
  return <Faces query={certificate}>{(opened) => <EditCertificateForm opened={opened} onDone={onDone} />}</Faces>
}
