import { createRequire } from 'node:module'
import type { ASTNode, TypeError as CelTypeError, Environment, ParseError } from '@marcbachmann/cel-js'
import { nearest } from '../nearest.ts'
import { BUDGET } from './budget.ts'
import { type CelVariables, type Condition, ConditionFailure, InvalidCondition } from './language.ts'
import { Translation } from './translation.ts'
import { kindOf } from './values.ts'

/**
 * Conditions in the Common Expression Language (cel-spec), as closures.
 *
 * The expression is parsed and its types are checked by a CEL library; what passed becomes a tree of closures over the
 * scope, which read only what the expression names and make nothing on the way. Two things are other than in cel-spec, so
 * that a condition has a value for every input: a key that a map does not have reads as the map's `missing` (ask with `in`
 * whether it is there), and each evaluation has a budget of work. Numbers are doubles; integers are exact up to 2^53.
 */

/** Characters of an expression. */
const MAX_LENGTH = 2_048
/** Structure of an expression: nodes, and how deep they nest. */
const LIMITS = { maxAstNodes: 256, maxDepth: 32, maxListElements: 128, maxMapEntries: 0, maxCallArguments: 4 }

/** The library is loaded with the first condition: without any, no start waits for it. */
const load = createRequire(import.meta.url)
const library = () => load('@marcbachmann/cel-js') as typeof import('@marcbachmann/cel-js')

/** Compiles conditions over `variables`. */
export class ConditionCompiler<Scope> {
  private readonly variables: CelVariables<Scope>
  private held: Environment | null

  constructor(variables: CelVariables<Scope>, environment: Environment | null = null) {
    this.variables = variables
    this.held = environment
  }

  private get environment(): Environment {
    this.held ??= environmentOf(this.variables)
    return this.held
  }

  /** The same language, with the written keys of one map looked at. */
  checking(map: string, checkKey: (key: string) => string | null): ConditionCompiler<Scope> {
    const variable = this.variables[map]
    if (variable === undefined || 'read' in variable) throw new Error(`${map} is not a map of this language`)
    return new ConditionCompiler({ ...this.variables, [map]: { ...variable, checkKey } }, this.environment)
  }

  /** Compiles one. Throws `InvalidCondition`. */
  compile(expression: string): Condition<Scope> {
    if (expression.length > MAX_LENGTH)
      throw new InvalidCondition(`The condition has more than ${MAX_LENGTH} characters: make it shorter.`, MAX_LENGTH)
    const ast = this.parse(expression)
    const budget = { left: BUDGET }
    const run = new Translation(this.variables, budget).translate(ast)
    return (scope) => {
      budget.left = BUDGET
      const value = run(scope)
      if (typeof value === 'boolean') return value
      throw new ConditionFailure(`the condition is neither true nor false but ${kindOf(value)}`)
    }
  }

  private parse(expression: string): ASTNode {
    try {
      const parsed = this.environment.parse(expression)
      const { valid, type, error } = parsed.check()
      if (!valid) throw error
      if (type === 'bool') return parsed.ast
      throw new InvalidCondition(
        `A condition is true or false, and this is of type ${type}: compare it with something, as in \`… == "x"\`.`,
        0,
      )
    } catch (error) {
      if (error instanceof InvalidCondition) throw error
      const { ParseError, TypeError: WrongType } = library()
      if (error instanceof ParseError || error instanceof WrongType)
        throw new InvalidCondition(this.explain(error), error.range?.start ?? 0)
      // The library is not meant to throw anything else for a text; whatever it is, the text cannot be used.
      throw new InvalidCondition(
        `The condition cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        0,
      )
    }
  }

  /** An error of the library, with what there is instead. */
  private explain({ code, summary, range, node }: ParseError | CelTypeError): string {
    if (code !== 'no_such_key' && code !== 'unknown_variable') return `${summary}.`
    const end = range?.end ?? 0
    const named = /[\w.]*$/.exec(node?.input?.slice(0, end) ?? '')?.[0] ?? ''
    const names = Object.keys(this.variables)
    const similar = nearest(named, names)
    return `"${named}" is not a variable${similar === undefined ? '' : `; did you mean "${similar}"?`} There are: ${names.join(', ')}.`
  }
}

/** For the type checker alone: nothing here is ever called. */
function environmentOf(variables: CelVariables<never>): Environment {
  const never = () => {
    throw new Error('conditions are not evaluated by the library')
  }
  class Cidr {}
  const { Environment } = library()
  const environment = new Environment({ limits: LIMITS, enableOptionalTypes: false })
    .registerType('Cidr', Cidr)
    .registerFunction('cidr(string): Cidr', never)
    .registerFunction('Cidr.containsIP(string): bool', never)
  const roots = Map.groupBy(Object.entries(variables), ([name]) => name.slice(0, name.indexOf('.')))
  for (const [root, fields] of roots) {
    const schema = fields.map(([name, { type }]) => [
      name.slice(root.length + 1),
      type === 'timestamp' ? 'google.protobuf.Timestamp' : type,
    ])
    environment
      .registerType(`${root}Fields`, { fields: Object.fromEntries(schema) })
      .registerVariable(root, `${root}Fields`)
  }
  return environment
}
