import { type Static, Type } from '#bundles/typebox'
import {
  addCertificate,
  deleteCertificate,
  findCertificate,
  updateCertificate,
  usersOf,
  withFacts,
} from '../control/certificates.ts'
import type { Unit } from '../control/context.ts'
import { readAuthority } from '../control/live-certificates.ts'
import {
  Certificate,
  CertificateChainText,
  CertificateKey,
  CertificateName,
  IsDefaultCertificate,
  type StoredCertificate,
} from '../model/certificate.ts'
import { NotFound } from '../model/errors.ts'
import { type Api, type ApiContext, actorOf, Changes, etag, expectedVersion, may } from './context.ts'

const fields = {
  name: CertificateName,
  chain: CertificateChainText,
  key: CertificateKey,
  isDefault: IsDefaultCertificate,
}
const NewCertificate = Type.Object(
  { ...fields, isDefault: Type.Optional(IsDefaultCertificate) },
  { additionalProperties: false },
)
const CertificateChanges = Changes(fields)
const CertificateParams = Type.Object({
  certificateId: Type.String({ description: 'Id or name of the certificate.', minLength: 1, maxLength: 64 }),
})

/** A certificate with what is known of it at this moment. */
const CertificateState = Type.Object({
  ...Certificate.properties,
  daysLeft: Type.Integer({ title: 'Days left', description: 'Whole days until it expires; below 0 where it has.' }),
  usedBy: Type.Array(Type.Object({ service: Type.String(), stage: Type.String(), host: Type.String() }), {
    title: 'Used by',
    description: 'Hosts of live stages whose clients are shown it.',
  }),
})
type CertificateState = Static<typeof CertificateState>
const CertificateList = Type.Object({ items: Type.Array(CertificateState) })
const Authority = Type.Object({ certificate: Type.String({ description: 'In PEM.' }) })

const DAY_MS = 86_400_000
const tags = ['Certificates']

export function certificateRoutes(api: Api, { runner, deployer, publisher, liveCertificates }: ApiContext): void {
  const stateOf = (certificate: StoredCertificate, all: readonly StoredCertificate[]): CertificateState => {
    const told = withFacts(certificate)
    return {
      ...told,
      daysLeft: Math.floor((Date.parse(told.notAfter) - Date.now()) / DAY_MS),
      usedBy: usersOf(certificate, all, publisher.status()),
    }
  }
  const withState = async (unit: Unit, certificate: StoredCertificate) =>
    stateOf(certificate, await unit.certificates.list())

  api.get(
    '/certificates',
    {
      ...may('read'),
      schema: {
        summary: 'List certificates',
        description: 'With when they expire, and the hosts of live stages whose clients are shown them.',
        tags,
        response: { 200: CertificateList },
      },
    },
    async (request) => {
      const all = await runner.inTransaction(actorOf(request), (unit) => unit.certificates.list())
      return { items: all.map((one) => stateOf(one, all)) }
    },
  )

  api.post(
    '/certificates',
    {
      ...may('write'),
      schema: {
        summary: 'Add a certificate',
        description:
          'It holds at once, on every worker, for the hosts that it names. Connections that are open keep what they have.',
        tags,
        body: NewCertificate,
        response: { 201: CertificateState },
      },
    },
    async (request, reply) => {
      const made = await runner.inTransaction(actorOf(request), async (unit) => {
        const certificate = await addCertificate(unit, request.body)
        return withState(unit, certificate)
      })
      await liveCertificates.refresh(made.id)
      return reply.code(201).header('etag', etag(made)).send(made)
    },
  )

  api.get(
    '/certificates/:certificateId',
    {
      ...may('read'),
      schema: {
        summary: 'Read a certificate',
        tags,
        params: CertificateParams,
        response: { 200: CertificateState },
      },
    },
    async (request, reply) => {
      const found = await runner.inTransaction(actorOf(request), async (unit) =>
        withState(unit, await findCertificate(unit, request.params.certificateId)),
      )
      return reply.header('etag', etag(found)).send(found)
    },
  )

  api.patch(
    '/certificates/:certificateId',
    {
      ...may('write'),
      schema: {
        summary: 'Change or replace a certificate',
        description:
          'A new chain comes with its key, unless that is the same. It holds at once; connections that are open keep what they have.',
        tags,
        params: CertificateParams,
        body: CertificateChanges,
        response: { 200: CertificateState },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const changed = await runner.inTransaction(actorOf(request), async (unit) =>
        withState(unit, await updateCertificate(unit, request.params.certificateId, request.body, expected)),
      )
      await liveCertificates.refresh(changed.id)
      return reply.header('etag', etag(changed)).send(changed)
    },
  )

  api.delete(
    '/certificates/:certificateId',
    {
      ...may('write'),
      schema: {
        summary: 'Delete a certificate',
        description: 'Not the only one for a domain of a live stage.',
        tags,
        params: CertificateParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const expected = expectedVersion(request)
      const { baseDomain } = deployer
      const { id } = await runner.inTransaction(actorOf(request), (unit) =>
        deleteCertificate(unit, request.params.certificateId, expected, { status: publisher.status(), baseDomain }),
      )
      await liveCertificates.refresh(id)
      return reply.code(204).send(null)
    },
  )

  api.get(
    '/local-authority',
    {
      ...may('read'),
      schema: {
        summary: 'Read the certificate of the local authority',
        description:
          'It vouches for localhost and for names below the base domain that no other certificate is for. Clients that trust it can use HTTPS without a certificate from elsewhere.',
        tags,
        response: { 200: Authority },
      },
    },
    async (request) => {
      const certificate = await runner.inTransaction(actorOf(request), readAuthority)
      if (certificate === null) throw new NotFound('local authority', 'of this installation')
      return { certificate }
    },
  )
}
