import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isSealed, NotOurs, type Vault } from '../lib/vault.ts'
import type { Backend, BackendConnections, BackendHealth, BackendTls, Balancing } from '../model/backend.ts'
import type { Problem } from '../plugins/plugin.ts'

/** Everything wrong with what is set of a backend beside its targets, that its schema cannot say. */
export function checkBackendSettings(
  { targets, tls, balancing, connections, health }: Backend,
  pointer: string,
  vault: Pick<Vault, 'open'> | null,
): Problem[] {
  const hasTls = targets.some(({ url }) => url.startsWith('https://'))
  return [
    ...(tls === undefined ? [] : checkTls(tls, hasTls, vault)),
    ...(balancing === undefined ? [] : checkBalancing(balancing)),
    ...(connections === undefined ? [] : checkConnections(connections)),
    ...(health === undefined ? [] : checkHealth(health)),
  ].map(({ path, message }) => ({ path: pointer + path, message }))
}

function checkTls(tls: BackendTls, hasTls: boolean, vault: Pick<Vault, 'open'> | null): Problem[] {
  const unused = hasTls
    ? []
    : [{ path: '/tls', message: 'No target has https: leave "tls" out, or write https:// in the URL of a target.' }]
  return [...unused, ...checkAuthorities(tls), ...checkClientCertificate(tls, vault)]
}

function checkAuthorities({ ca, verify }: BackendTls): Problem[] {
  if (ca === undefined) return []
  if (!verify)
    return [{ path: '/tls/ca', message: 'Nothing is verified, so that "ca" has no effect: leave it out, or verify.' }]
  return readCertificates(ca) === null
    ? [{ path: '/tls/ca', message: 'These are not certificates in PEM: give one or more "BEGIN CERTIFICATE" blocks.' }]
    : []
}

function checkClientCertificate({ certificate, key }: BackendTls, vault: Pick<Vault, 'open'> | null): Problem[] {
  if (certificate === undefined && key === undefined) return []
  if (key === undefined)
    return [{ path: '/tls/key', message: 'A client certificate needs its key: give it, or leave the certificate out.' }]
  if (certificate === undefined)
    return [{ path: '/tls/certificate', message: 'A key needs its certificate: give it, or leave the key out.' }]
  const [first] = readCertificates(certificate) ?? []
  if (first === undefined)
    return [
      { path: '/tls/certificate', message: 'This is not a certificate in PEM: give a "BEGIN CERTIFICATE" block.' },
    ]
  const pem = inClear(key, vault)
  // What cannot be opened is a problem that `protect` tells.
  if (pem === null) return []
  const privateKey = readKey(pem)
  if (privateKey === null)
    return [{ path: '/tls/key', message: 'This is not a private key in PEM without a passphrase.' }]
  return first.checkPrivateKey(privateKey)
    ? []
    : [
        {
          path: '/tls/key',
          message: 'The key is not that of the first certificate: give the two that belong together.',
        },
      ]
}

/** Certificates of a backend that hold no longer; those of its authorities only where none of them does. */
export function expiredCertificates(tls: BackendTls | undefined, now: number): Problem[] {
  const isOver = (one: X509Certificate) => one.validToDate.getTime() < now
  const [own] = readCertificates(tls?.certificate ?? '') ?? []
  const authorities = readCertificates(tls?.ca ?? '') ?? []
  return [
    ...(own !== undefined && isOver(own)
      ? [{ path: '/tls/certificate', message: `The client certificate has expired (${own.validTo}): give another.` }]
      : []),
    ...(authorities.length > 0 && authorities.every(isOver)
      ? [{ path: '/tls/ca', message: 'All CA certificates have expired, so that no target is trusted: give others.' }]
      : []),
  ]
}

/** The certificates in a PEM text; null where one cannot be read, or there is none. */
function readCertificates(pem: string): X509Certificate[] | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.length === 0 ? null : blocks.map((block) => new X509Certificate(block))
  } catch {
    return null // whatever is wrong with it, it is not a certificate
  }
}

function readKey(pem: string) {
  try {
    return createPrivateKey(pem)
  } catch {
    return null // whatever is wrong with it, it is not a key that can be used
  }
}

function inClear(key: string, vault: Pick<Vault, 'open'> | null): string | null {
  if (!isSealed(key)) return key
  try {
    return vault?.open(key) ?? null
  } catch (error) {
    if (error instanceof NotOurs) return null
    throw error
  }
}

function checkBalancing({ method, key, name }: Balancing): Problem[] {
  if (method !== 'consistent-hash') {
    const isSet = key !== 'ip' || name !== undefined
    return isSet
      ? [
          {
            path: '/balancing/key',
            message: `"${method}" has no key: leave "key" and "name" out, or use "consistent-hash".`,
          },
        ]
      : []
  }
  const isNamed = key === 'header' || key === 'cookie'
  if (isNamed && name === undefined)
    return [{ path: '/balancing/name', message: `Say with "name" which ${key} is the key.` }]
  return !isNamed && name !== undefined
    ? [{ path: '/balancing/name', message: `The key "${key}" has no name: leave "name" out.` }]
    : []
}

function checkConnections({ limit, queue }: BackendConnections): Problem[] {
  return limit === 0 && queue > 0
    ? [{ path: '/connections/queue', message: 'Without a limit nothing waits: set "limit", or leave "queue" out.' }]
    : []
}

function checkHealth({ active, passive }: BackendHealth): Problem[] {
  const problems: Problem[] = []
  if (active === undefined && passive === undefined)
    problems.push({
      path: '/health',
      message: 'Health needs "active" or "passive" checks, or both: nothing else tells it.',
    })
  if (active !== undefined && active.timeout > active.interval)
    problems.push({
      path: '/health/active/timeout',
      message: `A check must be over before the next: "timeout" is at most the interval, ${active.interval}.`,
    })
  if (passive !== undefined && passive.consecutive === 0 && passive.inWindow === 0)
    problems.push({
      path: '/health/passive',
      message: 'No number of failures takes a target out: set "consecutive" or "inWindow", or leave "passive" out.',
    })
  if (passive !== undefined && passive.maxEjection < passive.ejection)
    problems.push({
      path: '/health/passive/maxEjection',
      message: `The longest time out of use is no shorter than the first, ${passive.ejection}.`,
    })
  return problems
}
