/** Every view of the console, as `seed.ts` fills it: for the screenshots, and for what must hold for all of them. To add one, add its line. */

const service = '/services/shop'
const stage = `${service}/stages/live`

/** The name of a view's picture, and where it is. */
export const views: readonly (readonly [name: string, path: string])[] = [
  ['start', '/start'],
  ['start-call', '/start?service=shop&stage=live'],
  ['overview', '/'],
  ['services', '/services'],
  ['design', `${service}/design`],
  ['import', `${service}/import`],
  ['models', `${service}/models`],
  ['responses', `${service}/responses`],
  ['policies', `${service}/policies`],
  ['service-settings', `${service}/settings`],
  ['stages', `${service}/stages`],
  ['changes', `${stage}/changes`],
  ['backends', `${stage}/backends`],
  ['stage-settings', `${stage}/settings`],
  ['history', `${stage}/history`],
  ['compare', `${stage}/compare?from=1&to=2`],
  ['try', `${stage}/try`],
  ['dashboard', `${stage}/dashboard`],
  ['logs', `${stage}/logs`],
  ['alerts-of-stage', `${stage}/alerts`],
  ['document', `${stage}/document`],
  ['keys', '/keys'],
  ['key', '/keys/acme'],
  ['keys-import', '/keys/import'],
  ['plans', '/plans'],
  ['plan', '/plans/gold'],
  ['alerts', '/alerts'],
  ['certificates', '/certificates'],
  ['people', '/people'],
  ['tokens', '/tokens'],
  ['audit', '/audit'],
  ['status', '/status'],
  ['account', '/account'],
  ['nothing-here', '/no/such/view'],
]
