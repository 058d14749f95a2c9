import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isForbiddenAddress } from './forbidden-address.ts'

/** A name that leads to link-local and metadata addresses alone. */
export class ForbiddenAddress extends Error {
  constructor(host: string) {
    super(`${host} is a link-local or metadata address`)
  }
}

/** Looks a name up for a connection, without the addresses that no outgoing call may reach: what is checked is what is connected to. */
export const checkedLookup: LookupFunction = (hostname, options, done) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, '')
    const allowed = addresses.filter(({ address }) => !isForbiddenAddress(address))
    const [first] = allowed
    if (first === undefined) return done(new ForbiddenAddress(hostname), '')
    if (options.all === true) done(null, allowed)
    else done(null, first.address, first.family)
  })
}
