import { Ajv } from 'ajv'
import { Type } from '#bundles/typebox'
import { expectedMessage } from '../../../lib/expected.ts'
import { onFirstUse, type Validator } from '../../../lib/lazy-validator.ts'
import { GatewayResponse, type GatewayResponses, gatewayResponseNames } from '../../../model/gateway-response.ts'
import { Method, MethodBackend } from '../../../model/method.ts'
import { Model } from '../../../model/model.ts'
import { checkGatewayResponse } from '../../check-gateway-response.ts'
import type { Report } from '../notes.ts'
import { type Fields, isRecord, type Place } from '../source.ts'

/** What OpenAPI has no words for travels in `x-turnpike`: backends, plugins and gateway responses. */

export const TURNPIKE = 'x-turnpike'
export const TURNPIKE_ANY = 'x-turnpike-any-method'

const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, discriminator: true, verbose: true })
const isBackend = onFirstUse(() => ajv.compile(MethodBackend))
const { parameters, requestBody, responses } = Method.properties
const isInterface = onFirstUse(() =>
  ajv.compile(Type.Object({ parameters, requestBody, responses }, { additionalProperties: false })),
)
const isModels = onFirstUse(() => ajv.compile(Type.Array(Model)))
const isGatewayResponse = onFirstUse(() => ajv.compile(GatewayResponse))

/** The plugins that a node says, as they stand; null where it says nothing of them. */
export function readPlugins(node: Fields, place: Place, report: Report): readonly unknown[] | null {
  const { plugins } = extensionOf(node)
  if (plugins === undefined) return null
  if (Array.isArray(plugins)) return plugins
  report.problem([...place, TURNPIKE, 'plugins'], 'plugins are a list.')
  return null
}

/** The backend that an operation says; null where it says none. */
export function readBackend(operation: Fields, place: Place, report: Report): MethodBackend | null {
  return readValid(isBackend, operation, 'backend', place, report) as MethodBackend | null
}

/** What an operation takes and gives in the words of a design, where those of its document do not suffice; null where they do. */
export function readInterface(
  operation: Fields,
  place: Place,
  report: Report,
): Pick<Method, 'parameters' | 'requestBody' | 'responses'> | null {
  return readValid(isInterface, operation, 'interface', place, report) as ReturnType<typeof readInterface>
}

/** Models in the words of a design, where those of the document do not suffice. */
export function readModels(root: Fields, report: Report): readonly Model[] {
  return (readValid(isModels, root, 'models', [], report) as Model[] | null) ?? []
}

/** What `x-turnpike` says of a path, where OpenAPI has no place for it. */
export function readDescription(item: Fields): unknown {
  return extensionOf(item).description
}

function readValid(validate: Validator, node: Fields, field: string, place: Place, report: Report): unknown {
  const given = extensionOf(node)[field]
  if (given === undefined) return null
  const read = structuredClone(given)
  if (validate(read)) return read
  const [error] = validate.errors ?? []
  const at = [...place, TURNPIKE, field, ...(error?.instancePath.split('/').slice(1) ?? [])]
  report.problem(at, `"${field}" in ${TURNPIKE} ${error === undefined ? 'is not valid' : expectedMessage(error)}.`)
  return null
}

/** The gateway responses that a document says; null where it says nothing of them. */
export function readGatewayResponses(root: Fields, report: Report): GatewayResponses | null {
  const { gatewayResponses } = extensionOf(root)
  if (gatewayResponses === undefined) return null
  const place = [TURNPIKE, 'gatewayResponses']
  if (!isRecord(gatewayResponses)) {
    report.problem(place, 'gateway responses are an object.')
    return null
  }
  const read = structuredClone(gatewayResponses)
  for (const [name, response] of Object.entries(read)) {
    const at = [...place, name]
    if (!gatewayResponseNames.some((known) => known === name))
      report.problem(at, `"${name}" is not a type of gateway response. There are: ${gatewayResponseNames.join(', ')}.`)
    else if (!isGatewayResponse(response)) {
      const [error] = isGatewayResponse.errors ?? []
      const what = error === undefined ? 'is not valid' : expectedMessage(error)
      report.problem(at, `the gateway response ${error?.instancePath ?? ''} ${what}.`)
    } else for (const { message } of checkGatewayResponse(response as GatewayResponse)) report.problem(at, message)
  }
  return read as GatewayResponses
}

function extensionOf(node: Fields): Fields {
  const extension = node[TURNPIKE]
  return isRecord(extension) ? extension : {}
}
