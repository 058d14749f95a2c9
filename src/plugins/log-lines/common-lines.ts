import { maskUrl } from '../../lib/credential-names.ts'
import type { LineBytes } from '../../lib/line-bytes.ts'
import { CommonTimes, quotedText, quotedWireText } from '../../lib/log-text.ts'
import type { FinishedRequest } from '../finished-request.ts'
import type { CredentialPlaces, Exchange } from '../plugin.ts'
import { cut, type LogLines, MOST } from './fields.ts'
import { refererOf, type SecretNames, secretNames } from './secrets.ts'

/**
 * The lines of the formats `common` and `combined` (Apache's mod_log_config, as nginx writes them). The target is that
 * of the request as it was sent, with credentials masked; the bytes are those of the answer, with its head.
 */
export class CommonLines implements LogLines {
  private readonly isCombined: boolean
  private readonly secrets: SecretNames
  private readonly times = new CommonTimes()
  private readonly agentText = remembering((agent) => (agent === '' ? '-' : quotedWireText(agent)))

  constructor(isCombined: boolean, credentials: CredentialPlaces) {
    this.isCombined = isCombined
    this.secrets = secretNames(credentials)
  }

  /** Line and all: it tells the target as it was sent, which is not remembered. */
  restOf(x: Exchange): string {
    const { secrets } = this
    const { request, consumer, outcome } = x
    const user = consumer === null ? '-' : quotedText(cut(consumer.name, MOST.extra)).replaceAll(' ', '\\x20') || '-'
    const target = quotedWireText(cut(maskUrl(request.rawTarget, secrets.isQuery), MOST.path)).replaceAll(' ', '\\x20')
    const address = quotedWireText(cut(x.clientIp, MOST.host)).replaceAll(' ', '\\x20') || '-'
    const start = `${address} - ${user} [${this.times.text(x.receivedAt)}] "${request.method} ${target} ${outcome.protocol}" ${x.response.status} ${outcome.bytesOut}`
    if (!this.isCombined) return start
    const referer = refererOf(x, secrets)
    const agent = request.headers.get('user-agent')
    return `${start} "${referer === undefined ? '-' : quotedWireText(cut(referer, MOST.text))}" "${this.agentText(cut(agent ?? '', MOST.text))}"`
  }

  write(to: LineBytes, _request: FinishedRequest, _severity: number, rest: string): void {
    to.text(rest)
  }
}

/** Remembers the last text and what was made of it: requests of a client are alike. */
function remembering(make: (text: string) => string): (text: string) => string {
  let last = ''
  let made = make('')
  return (text) => {
    if (text === last) return made
    // Copies: the text is a part of the head of its request, all of which it would hold on to, and what is made of it may be in pieces.
    made = whole(make(text))
    last = whole(text)
    return made
  }
}

function whole(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
