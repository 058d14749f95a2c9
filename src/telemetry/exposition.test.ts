import assert from 'node:assert/strict'
import { test } from 'node:test'
import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { expose, formatFor } from './exposition.ts'
import { type Family, Labels, listed, single } from './metric.ts'

const families: Family[] = [
  listed({ name: 'calls', help: 'Calls, all\nof them.', type: 'counter' }, ['a"b', 'c\\d', 'e\nf', '한'], (name) => [
    { name, none: '' },
    1,
  ]),
  single({ name: 'size_bytes', help: 'Size.', type: 'gauge', unit: 'bytes' }, 1.5),
  {
    name: 'time_seconds',
    help: 'Times.',
    type: 'histogram',
    unit: 'seconds',
    bounds: [0.5, 1],
    points: [[new Labels({ route: '/a' }), { counts: Float64Array.of(1, 2, 3), sum: 9.25 }]],
  },
]
const text = (format: 'text' | 'openMetrics') => [...expose(families, format)].join('')

test('a parser of the text format reads what was meant', () => {
  const read = parsePrometheusTextFormat(text('text'))
  assert.deepEqual(
    read.map(({ name, type }) => [name, type]),
    [
      ['calls_total', 'COUNTER'],
      ['size_bytes', 'GAUGE'],
      ['time_seconds', 'HISTOGRAM'],
    ],
  )
  const [calls, size, time] = read
  assert.deepEqual(
    calls?.metrics.map(({ labels }) => labels),
    [{ name: 'a"b' }, { name: 'c\\d' }, { name: 'e\nf' }, { name: '한' }],
  )
  assert.equal(size?.metrics[0]?.value, '1.5')
  assert.deepEqual(time?.metrics, [{ buckets: { '0.5': '1', '1.0': '3', '+Inf': '6' } }])
})

test('OpenMetrics calls a counter by its family, names units and says where it ends', () => {
  assert.equal(
    text('openMetrics'),
    String.raw`# HELP calls Calls, all\nof them.
# TYPE calls counter
calls_total{name="a\"b"} 1
calls_total{name="c\\d"} 1
calls_total{name="e\nf"} 1
calls_total{name="한"} 1
# HELP size_bytes Size.
# TYPE size_bytes gauge
# UNIT size_bytes bytes
size_bytes 1.5
# HELP time_seconds Times.
# TYPE time_seconds histogram
# UNIT time_seconds seconds
time_seconds_bucket{route="/a",le="0.5"} 1
time_seconds_bucket{route="/a",le="1.0"} 3
time_seconds_bucket{route="/a",le="+Inf"} 6
time_seconds_sum{route="/a"} 9.25
time_seconds_count{route="/a"} 6
# EOF
`,
  )
})

test('much is written in pieces', () => {
  const many = listed(
    { name: 'many', help: 'Many.', type: 'gauge' },
    Array.from({ length: 10_000 }, (_, i) => i),
    (i) => [{ i: String(i) }, i],
  )
  const pieces = [...expose([many], 'text')]
  assert.ok(pieces.length > 2, `${pieces.length} pieces`)
  assert.ok(pieces.every((piece) => piece.length < 70_000))
  assert.equal(pieces.join('').split('\n').length, 10_003)
})

for (const [accept, format] of [
  [undefined, 'text'],
  ['*/*', 'text'],
  ['text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'text'],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openMetrics',
  ],
  ['application/openmetrics-text', 'openMetrics'],
  ['application/openmetrics-text;version=2.0.0, text/plain', 'text'],
  ['application/openmetrics-text;q=0.1, text/plain', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['APPLICATION/OpenMetrics-Text; Version=1.0.0', 'openMetrics'],
  [',;=,,q', 'text'],
] as const) {
  test(`a scraper that accepts ${accept} gets ${format}`, () => assert.equal(formatFor(accept), format))
}
