import type { ImportNote } from '../../model/import.ts'
import type { Problem } from '../../plugins/plugin.ts'
import { type Place, pointerOf, type SourceDocument } from './source.ts'

/** What a document says and a design cannot hold: each kind once, with how often it is there, why, and what to do. */

interface Kind {
  /** What it is, in the plural; `report.note` may add a name. */
  readonly what: string
  readonly why: string
  readonly remedy: string
}

const kinds = {
  callbacks: {
    what: 'callbacks',
    why: 'calls of the backend to its clients do not pass the gateway',
    remedy: 'document them beside the API',
  },
  webhooks: {
    what: 'webhooks',
    why: 'calls of the backend to its clients do not pass the gateway',
    remedy: 'document them beside the API',
  },
  links: {
    what: 'links of responses',
    why: 'a design has no place for them',
    remedy: 'describe them in the description of the response',
  },
  servers: {
    what: 'servers',
    why: 'where requests go belongs to a stage',
    remedy: "set the stage's backend (--backend), and override it on single paths and methods of the stage",
  },
  security: {
    what: 'security requirements',
    why: 'who may call is the setting of plugins',
    remedy: 'attach a plugin that authenticates to the stage',
  },
  securitySchemes: {
    what: 'security schemes',
    why: 'who may call is the setting of plugins',
    remedy: 'attach a plugin that authenticates to the stage',
  },
  trace: {
    what: 'TRACE operations',
    why: 'the gateway does not serve TRACE, which can leak credentials',
    remedy: 'nothing is to be done',
  },
  externalDocs: {
    what: 'links to documentation (externalDocs)',
    why: 'a design has no place for them',
    remedy: 'put the address into a description',
  },
  tagDescriptions: {
    what: 'descriptions of tags',
    why: 'tags of a design are only names',
    remedy: 'put them into the description of the service',
  },
  extension: {
    what: 'extensions',
    why: 'the gateway does not know what they mean',
    remedy: 'set by hand what they stand for, if anything',
  },
  unknownField: {
    what: 'fields that OpenAPI does not have',
    why: 'nobody knows what they mean',
    remedy: 'look for a mistyped name',
  },
  longText: {
    what: 'texts that are too long',
    why: 'names, descriptions and tags have limits',
    remedy: 'shorten them; they have been cut',
  },
  trailingSlash: {
    what: 'slashes at the end of paths',
    why: 'a path of a design does not end with one',
    remedy:
      'nothing is to be done for the backend, which gets the slash; for clients that send it set the stage\'s trailing slash to "ignore"',
  },
  renamedVariable: {
    what: 'names of path variables',
    why: 'on one level all paths share one variable, whose name is of letters, digits, "_", "-" and "."',
    remedy: 'nothing is to be done: the variables were renamed, and requests are matched as before',
  },
  partialVariable: {
    what: 'path segments that are only in part a variable',
    why: 'a variable is a whole segment',
    remedy: 'the whole segment was made a variable: let the backend check its form',
  },
  badPath: {
    what: 'paths with a query, two slashes in a row, or characters that need encoding',
    why: 'requests are matched by their canonical path alone',
    remedy: 'nothing is to be done unless the query told operations apart',
  },
  collapsedPath: {
    what: 'operations whose path is another one here:',
    why: 'paths that differ only in names of variables, a slash at the end, a query or a part of a segment are one',
    remedy: 'let the backend tell them apart, or rename one',
  },
  renamedModel: {
    what: 'names of schemas',
    why: 'the name of a model is of letters, digits, ".", "_" and "-", up to 100',
    remedy: 'nothing is to be done: the models were renamed, with all references to them',
  },
  madeModel: {
    what: 'schemas that are referred to where they stand',
    why: 'only models can be referred to',
    remedy: 'nothing is to be done: models were made of them',
  },
  dialect: {
    what: 'dialects of JSON Schema',
    why: 'models are of draft-04, draft-07 or 2020-12',
    remedy: 'check the models: they were read as 2020-12',
  },
  besideReference: {
    what: 'keywords beside a $ref',
    why: 'OpenAPI 3.0 ignores them',
    remedy: 'put the reference into "allOf" if they are meant',
  },
  invalidKeyword: {
    what: 'keywords that JSON Schema does not take so',
    why: 'a model must be valid JSON Schema',
    remedy: 'correct them in the document; the rest of the schema was imported',
  },
  duplicateHeader: {
    what: 'headers that are there twice',
    why: 'names of headers do not depend on case',
    remedy: 'keep one: the first was imported',
  },
  duplicateContent: {
    what: 'bodies of one type that are there twice',
    why: 'a media type is there once',
    remedy: 'keep one: the first was imported',
  },
  renamedOperationId: {
    what: 'operation ids with characters that no client could use',
    why: 'they are of letters, digits and ". _ : / -", up to 200',
    remedy: 'nothing is to be done: they were renamed',
  },
  describedElsewhere: {
    what: 'header parameters that OpenAPI ignores',
    why: 'Accept, Content-Type and Authorization are described by content types and security',
    remedy: 'leave them out',
  },
  unknownVariable: {
    what: 'path parameters that their path does not have',
    why: 'a path parameter is one of the variables of its path',
    remedy: 'correct the name, or leave them out',
  },
  badName: {
    what: 'names that no header or cookie can have',
    why: 'they are of letters, digits and hyphens',
    remedy: 'correct the name',
  },
  formWithoutBody: {
    what: 'form fields of methods without a body',
    why: 'the fields of a form are in the body, and GET and HEAD have none',
    remedy: 'use query parameters',
  },
  allowEmptyValue: {
    what: 'fields of parameters (allowEmptyValue, allowReserved)',
    why: 'parameters have no such setting',
    remedy: 'allow the empty text or the characters by the schema',
  },
  style: {
    what: 'styles that the place of the parameter does not have',
    why: 'OpenAPI has no such combination',
    remedy: 'correct the style; that of the place holds',
  },
  collectionFormat: {
    what: 'lists with tabs or within lists (collectionFormat)',
    why: 'OpenAPI 3 has no counterpart',
    remedy: 'the parameter was imported without it: use commas',
  },
  encoding: {
    what: 'encodings of form fields',
    why: 'fields of a form are described by their schemas alone',
    remedy: 'describe them in the description',
  },
  badStatus: {
    what: 'responses without a proper status',
    why: 'a status has three digits, or is 4XX or "default"',
    remedy: 'correct the status',
  },
  badContentType: {
    what: 'bodies without a proper media type',
    why: 'a media type is TYPE/SUBTYPE',
    remedy: 'correct it',
  },
  tooMany: {
    what: 'parameters, responses, headers or media types beyond what a method holds',
    why: 'there are limits: 500 parameters, 200 responses, 100 headers, 50 media types',
    remedy: 'leave out what is not needed',
  },
  pluginRefused: {
    what: 'settings that a plugin cannot have:',
    why: 'they would not work',
    remedy: 'attach the plugin by hand with settings that do',
  },
  foreign: {
    what: 'settings of another gateway:',
    why: 'they have no counterpart',
    remedy: 'see the guide to import for what to do instead',
  },
  foreignHost: {
    what: 'hosts of backends',
    why: 'where requests go belongs to a stage',
    remedy: "set the stage's backend (--backend); the paths below it were imported",
  },
  foreignVerb: {
    what: 'methods that the backend is called with',
    why: "the backend gets the client's method",
    remedy: 'let the backend take that one',
  },
  foreignTemplate: {
    what: 'mapping templates',
    why: 'the gateway does not run them',
    remedy: 'let the backend answer as the client needs it',
  },
} as const satisfies Record<string, Kind>
export type NoteKind = keyof typeof kinds

/** Kinds beyond this are counted together: nobody reads a list that long. */
const MAX_KINDS = 200
/** Problems beyond this are not told: the first ones are what is to be corrected first. */
const MAX_PROBLEMS = 100

/** Collects what is wrong with a document, and what is not carried over. */
export class Report {
  private readonly faults: { readonly place: Place; readonly message: string }[] = []
  private readonly source: SourceDocument
  private readonly found = new Map<string, { kind: NoteKind; name: string; count: number; place: Place }>()

  constructor(source: SourceDocument) {
    this.source = source
  }

  /** Something that is not carried over; `name` tells it from others of its kind. */
  note(kind: NoteKind, place: Place, name = ''): void {
    const wanted = `${kind} ${name}`
    const key = this.found.has(wanted) || this.found.size < MAX_KINDS ? wanted : `${kind} `
    const known = this.found.get(key)
    if (known !== undefined) known.count++
    else this.found.set(key, { kind, name: key === wanted ? name : '', count: 1, place })
  }

  /** Something for which the document is refused. */
  problem(place: Place, message: string): void {
    if (this.faults.length < MAX_PROBLEMS) this.faults.push({ place, message })
  }

  problems(): Problem[] {
    return this.faults.map(({ place, message }) => ({
      path: pointerOf(place),
      message: `${at(this.source.lineOf(place))}${message}`,
    }))
  }

  notes(): ImportNote[] {
    return [...this.found.values()].map(({ kind, name, count, place }) =>
      noteOf(kind, { name, count, line: this.source.lineOf(place), path: pointerOf(place) }),
    )
  }
}

/** A note as it is told. */
export function noteOf(
  kind: NoteKind,
  { name = '', count, line, path }: { name?: string; count: number; line: number | null; path: string },
): ImportNote {
  const { what, why, remedy } = kinds[kind]
  return { kind, what: name === '' ? what : `${what} ${name}`, count, line, path, why, remedy }
}

/** "Line 7: ", or nothing where the line is not known. */
export function at(line: number | null): string {
  return line === null ? '' : `Line ${line}: `
}
