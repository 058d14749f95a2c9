import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOtlpSettings } from './otlp-settings.ts'
import { InvalidSetting, readSettings } from './settings.ts'

const about = { version: '1.2.3', nodeId: 'n1' }
const read = (options: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) =>
  readOtlpSettings(readSettings({ nodeName: 'here', ...options }), env, about)
const ON = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

test('nothing is sent unless somebody says where to', () => assert.equal(read({}), null))

for (const [what, options, env, traces, metrics] of [
  ['our own setting', { otlpEndpoint: 'http://c:1' }, {}, 'http://c:1/v1/traces', 'http://c:1/v1/metrics'],
  ['one with a path', { otlpEndpoint: 'https://c/otlp/' }, {}, 'https://c/otlp/v1/traces', 'https://c/otlp/v1/metrics'],
  ['the environment', {}, ON, 'http://collector:4318/v1/traces', 'http://collector:4318/v1/metrics'],
  ['our own setting before it', { otlpEndpoint: 'http://c:1' }, ON, 'http://c:1/v1/traces', 'http://c:1/v1/metrics'],
  [
    'one for each',
    {},
    { ...ON, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' },
    'http://t/x',
    'http://collector:4318/v1/metrics',
  ],
  ['one for traces alone', {}, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' }, 'http://t/x', null],
  ['only metrics', { otlpSignals: 'metrics' }, ON, null, 'http://collector:4318/v1/metrics'],
  [
    'no traces, by the environment',
    {},
    { ...ON, OTEL_TRACES_EXPORTER: 'none' },
    null,
    'http://collector:4318/v1/metrics',
  ],
] as const)
  test(`where to, by ${what}`, () => {
    const settings = read(options, env)
    assert.deepEqual([settings?.tracesUrl, settings?.metricsUrl], [traces, metrics])
  })

for (const env of [
  { ...ON, OTEL_SDK_DISABLED: 'TRUE' },
  { ...ON, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
])
  test(`nothing is sent with ${JSON.stringify(env)}`, () => assert.equal(read({}, env), null))

for (const [options, env, isParentBased, ratio] of [
  [{}, {}, true, 1],
  [{ traceSampleRatio: '0.1' }, {}, true, 0.1],
  [{}, { OTEL_TRACES_SAMPLER_ARG: '0.25' }, true, 0.25],
  [{ traceSampleRatio: '0' }, { OTEL_TRACES_SAMPLER_ARG: '0.25' }, true, 0],
  [{}, { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1e-3' }, false, 0.001],
  [{}, { OTEL_TRACES_SAMPLER: 'always_off' }, false, 0],
  [{ traceSampler: 'always_on' }, { OTEL_TRACES_SAMPLER: 'always_off' }, false, 1],
  [{ traceSampler: 'parentbased_always_off', traceSampleRatio: '1' }, {}, true, 0],
] as const)
  test(`which requests: ${JSON.stringify({ ...options, ...env })}`, () =>
    assert.deepEqual(read(options, { ...ON, ...env })?.sampling, { isParentBased, ratio, parents: 'all' }))

for (const [options, env, message] of [
  [{ otlpEndpoint: 'collector:4318' }, {}, /^--otlp-endpoint must be the URL .* such as/],
  [{ otlpSignals: 'traces,logs' }, {}, /^--otlp-signals has "logs"/],
  [{ traceSampler: 'sometimes' }, ON, /^--trace-sampler is "sometimes", but must be one of always_on/],
  [{ traceSampleRatio: '2' }, ON, /^--trace-sample-ratio is "2", but must be a number from 0 to 1/],
  [{ traceParents: 'some' }, ON, /^--trace-parents is "some"/],
  [{}, { ...ON, OTEL_TRACES_SAMPLER: 'jaeger_remote' }, /^OTEL_TRACES_SAMPLER is "jaeger_remote"/],
  [{}, { ...ON, OTEL_TRACES_SAMPLER_ARG: 'half' }, /^OTEL_TRACES_SAMPLER_ARG is "half"/],
  [{}, { ...ON, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /http\/protobuf or http\/json/],
  [{}, { ...ON, OTEL_METRIC_EXPORT_INTERVAL: '-1' }, /^OTEL_METRIC_EXPORT_INTERVAL is "-1"/],
  [
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'user:SECRET@collector' },
    /^OTEL_EXPORTER_OTLP_ENDPOINT must be the URL (?!.*SECRET)/,
  ],
] as const)
  test(`is refused: ${JSON.stringify({ ...options, ...env })}`, () =>
    assert.throws(
      () => read(options, env),
      (error) => error instanceof InvalidSetting && message.test(error.message),
    ))
