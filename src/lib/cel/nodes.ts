import type { ASTNode } from '@marcbachmann/cel-js'
import { compileRegex, InvalidPattern } from '../linear-regex.ts'
import { isNetwork, networkSet } from '../network-set.ts'
import { celFunctions, InvalidCondition } from './language.ts'
import { isRecord } from './values.ts'

/** Nodes of an expression, and what must be written in it. */

/** The value of a node that is a literal; undefined for all others. */
export function literal(node: ASTNode): unknown {
  return node.op === 'value' ? node.args : undefined
}

export function writtenText(node: ASTNode, what: string): string {
  const value = literal(node)
  if (typeof value === 'string') return value
  throw new InvalidCondition(`${what} must stand in the condition itself, in quotes.`, node.start)
}

/** `a.b.c` of names joined by dots; null for anything else. */
export function nameOf(node: ASTNode): string | null {
  if (node.op === 'id') return node.args
  if (node.op !== '.') return null
  const holder = nameOf(node.args[0])
  return holder === null ? null : `${holder}.${node.args[1]}`
}

export function unsupported({ start }: ASTNode, what: string): InvalidCondition {
  return new InvalidCondition(
    `${what} is not part of the language of conditions. There are: ${Object.keys(celFunctions).join(', ')}.`,
    start,
  )
}

export function countNodes(node: ASTNode): number {
  const parts = Array.isArray(node.args) ? node.args.flat() : [node.args]
  return parts.reduce((sum: number, part) => sum + (isNode(part) ? countNodes(part) : 0), 1)
}

export function isNode(value: unknown): value is ASTNode {
  return isRecord(value) && 'op' in value && 'args' in value
}

export function compilePattern(pattern: string, { start }: ASTNode) {
  try {
    return compileRegex(pattern)
  } catch (error) {
    if (error instanceof InvalidPattern)
      throw new InvalidCondition(`"${pattern}" is not a pattern: ${error.message}.`, start)
    throw error
  }
}

export function compileNetwork(network: string, { start }: ASTNode): (address: string) => boolean {
  if (isNetwork(network)) {
    const set = networkSet([network])
    return (address) => set.has(address)
  }
  throw new InvalidCondition(`"${network}" is not a network: write one as 10.0.0.0/8 or 2001:db8::/32.`, start)
}
