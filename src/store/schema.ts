import type { Generated } from '#bundles/kysely'

/** The tables, as Kysely sees them. JSON and booleans are kept as text and 0 or 1, which every dialect has. */

export interface Tables {
  services: {
    id: string
    name: string
    description: string
    gateway_responses: Generated<string>
    /** Name and description, folded. */
    search: string
    version: number
    created_at: string
    updated_at: string
  }
  resources: {
    id: string
    service_id: string
    path: string
    description: string
    plugins: string
  }
  methods: {
    id: string
    service_id: string
    resource_id: string
    verb: string
    name: string
    description: string
    tags: string
    deprecated: number
    operation_id: string
    parameters: string
    request_body: string
    responses: string
    backend: string
    plugins: string
  }
  models: {
    service_id: string
    name: string
    description: string
    dialect: string
    schema: string
  }
  managed_certificates: {
    id: string
    name: string
    domains: string
    challenge: string
    directory_url: string
    state: string
    failures: number
    last_error: string | null
    next_attempt_at: string
    created_at: string
  }
  acme_accounts: {
    directory_url: string
    url: string
    sealed_key: string
  }
  certificates: {
    id: string
    name: string
    chain: string
    sealed_key: string
    is_default: number
    source: string
    version: number
    created_at: string
    updated_at: string
  }
  policies: {
    service_id: string
    name: string
    description: string
    key_in: string
    key_name: string
    requests_per_second: number | null
    unlisted: string
    remaining_header: string | null
  }
  policy_values: {
    service_id: string
    policy: string
    value: string
    requests_per_second: number | null
    networks: string | null
  }
  stages: {
    id: string
    service_id: string
    name: string
    description: string
    is_default: number
    domains: string
    path_prefix: string | null
    trailing_slash: string
    https: string
    hsts: string | null
    backend: string | null
    variables: string
    plugins: string
    overlay: string
    revision_id: string | null
    deployment_id: string | null
    base_deployment_id: string | null
    public_document: number
    keep_deployments: number
    version: number
    created_at: string
    updated_at: string
  }
  canaries: {
    stage_id: string
    deployment_id: string
    /** In hundredths of a percent. */
    share: number
    by: string
    name: string | null
    started_at: string
  }
  revisions: {
    id: string
    service_id: string
    number: number
    hash: string
    design: string
    author: string
    created_at: string
  }
  snapshots: {
    hash: string
    json: string
  }
  deployments: {
    id: string
    stage_id: string
    number: number
    hash: string
    note: string
    author: string
    status: string
    failure: string | null
    revision_id: string | null
    settings: string | null
    created_at: string
  }
  activations: {
    deployment_id: string
    node_id: string
    node_name: string
    state: string
    failure: string | null
    at: string
  }
  users: {
    id: string
    name: string
    role: string | null
    service_roles: string
    password: string
    version: number
    created_at: string
    updated_at: string
  }
  sessions: {
    digest: string
    user_id: string
    expires_at: string
    created_at: string
  }
  tokens: {
    id: string
    name: string
    role: string
    service_roles: string
    user_id: string | null
    digest: string
    expires_at: string | null
    created_at: string
  }
  api_keys: {
    id: string
    name: string
    description: string
    /** Name and description, folded. */
    search: string
    active: number
    primary_digest: string
    secondary_digest: string
    expires_at: string | null
    /** Minutes since the Unix epoch; 0 for never. */
    last_used: number
    version: number
    created_at: string
    updated_at: string
  }
  plans: {
    id: string
    name: string
    description: string
    requests_per_second: number | null
    burst: number | null
    quota: string | null
    version: number
    created_at: string
    updated_at: string
  }
  plan_stages: {
    plan_id: string
    stage_id: string
  }
  subscriptions: {
    key_id: string
    stage_id: string
    plan_id: string
  }
  quota_usage: {
    key_id: string
    stage_id: string
    plan_id: string
    /** The day or month, counted from January 1970. */
    period: number
    used: number
  }
  /** The series of one stage and kind. */
  statistics_groups: {
    number: number
    stage_id: string
    kind: string
  }
  statistics_series: {
    group_number: number
    /** In the group, from 0: neighbours are in one block. */
    place: number
    id: string
    /** The day, counted from January 1970, on which it last had traffic, about. */
    seen: number
  }
  /** What came, second by second, until it is in a bucket. */
  statistics_journal: {
    id: string
    node_id: string
    /** What is made buckets of together: of one node and minute. */
    batch: number
    minute: number
    data: Uint8Array
  }
  statistics_buckets: {
    /** Of the bucket, in minutes. */
    width: number
    start: number
    group_number: number
    /** Of series that are neighbours; -1 for the sums of all series of the group. */
    block: number
    /** Of a minute: the batch that it was made of; 0 for wider ones. */
    batch: number
    data: Uint8Array
  }
  /** Buckets that are to be made, or made again, of the finer ones. */
  statistics_due: {
    width: number
    start: number
    /** Goes up with each batch that comes into it. */
    version: number
  }
  alerts: {
    stage_id: string
    name: string
    rule: string
    /** Sealed. */
    secret: string | null
    standing: string
    told: string
    /** Of the rule; how it stands is not part of it. */
    version: number
  }
  installation: {
    name: string
    value: string
  }
  audit: {
    id: string
    at: string
    actor: string
    action: string
    object_kind: string
    object_id: string
    /** Null for what is about no service, and for what was so long ago that nobody can tell. */
    service_id: string | null
    before: string | null
    after: string | null
  }
}
