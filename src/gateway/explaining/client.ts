import type { Client } from '../exchange.ts'

/** The client of an explained request: nobody, who is only asked where the request comes from. */
export function clientFor(address: string, scheme: string, host: string): Client {
  const nothing = () => undefined
  return {
    address,
    isTrusted: false,
    scheme,
    tls: null,
    forwardingLines: `X-Forwarded-For: ${address}\r\nX-Forwarded-Proto: ${scheme}\r\nX-Forwarded-Host: ${host}\r\nVia: 1.1 gateway\r\n`,
    readBody: nothing,
    limitTotal: nothing,
    pauseBody: nothing,
    resumeBody: nothing,
    writeInformational: nothing,
    writeWhole: nothing,
    writeHead: nothing,
    writeBody: nothing,
    end: nothing,
    abort: nothing,
  }
}
