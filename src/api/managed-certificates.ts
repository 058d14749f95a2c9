import { Type } from '#bundles/typebox'
import { endManaged, findManaged, requestCertificate, retryManaged } from '../control/acme/managed-certificates.ts'
import { ManagedCertificate } from '../model/managed-certificate.ts'
import { type Api, type ApiContext, actorOf, may, mayUnversioned } from './context.ts'

const { name, domains, challenge } = ManagedCertificate.properties
const NewManaged = Type.Object(
  {
    name,
    domains,
    challenge: Type.Optional(challenge),
    termsOfServiceAgreed: Type.Literal(true, {
      title: 'Terms of service',
      description: 'That you agree to those of the authority.',
    }),
  },
  { additionalProperties: false },
)
const ManagedParams = Type.Object({
  name: Type.String({ description: 'Name of the certificate.', minLength: 1, maxLength: 64 }),
})
const ManagedList = Type.Object({ items: Type.Array(ManagedCertificate) })
const tags = ['Certificates']

export function managedCertificateRoutes(api: Api, { runner, acme }: ApiContext): void {
  api.get(
    '/managed-certificates',
    {
      ...may('read'),
      schema: {
        summary: 'List the certificates that are got from an authority',
        description:
          'With how that stands, and when they are renewed. What was got is among the certificates, by the same name.',
        tags,
        response: { 200: ManagedList },
      },
    },
    async (request) => ({
      items: await runner.inTransaction(actorOf(request), (unit) => unit.managedCertificates.list()),
    }),
  )

  api.post(
    '/managed-certificates',
    {
      ...mayUnversioned('write'),
      schema: {
        summary: 'Have a certificate got from an authority, and renewed',
        description: 'It is begun at once (ACME, RFC 8555); read it again to see what has come of it.',
        tags,
        body: NewManaged,
        response: { 201: ManagedCertificate },
      },
    },
    async (request, reply) => {
      const { termsOfServiceAgreed: _, ...fields } = request.body
      const made = await runner.inTransaction(actorOf(request), (unit) =>
        requestCertificate(unit, fields, acme.directoryUrl),
      )
      acme.look()
      return reply.code(201).send(made)
    },
  )

  api.get(
    '/managed-certificates/:name',
    {
      ...may('read'),
      schema: {
        summary: 'Read how a certificate that is got from an authority stands',
        tags,
        params: ManagedParams,
        response: { 200: ManagedCertificate },
      },
    },
    async (request) => runner.inTransaction(actorOf(request), (unit) => findManaged(unit, request.params.name)),
  )

  api.post(
    '/managed-certificates/:name/attempts',
    {
      ...mayUnversioned('write'),
      schema: {
        summary: 'Get or renew a certificate now',
        description: 'Whenever it would be by itself.',
        tags,
        params: ManagedParams,
        response: { 202: ManagedCertificate },
      },
    },
    async (request, reply) => {
      const managed = await runner.inTransaction(actorOf(request), (unit) => retryManaged(unit, request.params.name))
      acme.look()
      return reply.code(202).send(managed)
    },
  )

  api.delete(
    '/managed-certificates/:name',
    {
      ...mayUnversioned('write'),
      schema: {
        summary: 'Renew a certificate no more',
        description: 'What was got stays, as if it had been uploaded.',
        tags,
        params: ManagedParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await runner.inTransaction(actorOf(request), (unit) => endManaged(unit, request.params.name))
      return reply.code(204).send(null)
    },
  )
}
