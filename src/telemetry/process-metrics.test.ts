import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'node:test'
import { ProcessMetrics } from './process-metrics.ts'

test('the process is measured as its own tools do', () => {
  const metrics = new ProcessMetrics()
  const values = new Map(
    metrics
      .families()
      .flatMap((family) =>
        family.type === 'histogram'
          ? []
          : [...family.points].map(([{ text }, value]) => [family.name + text, value] as const),
      ),
  )
  metrics.close()
  const near = (name: string, expected: number, by: number) =>
    assert.ok(
      Math.abs((values.get(name) ?? Number.NaN) - expected) <= by,
      `${name}: ${values.get(name)}, not ${expected}`,
    )
  const { user, system } = process.cpuUsage()
  near('process_cpu_seconds', (user + system) / 1e6, 1)
  near('process_resident_memory_bytes', process.memoryUsage.rss(), 50e6)
  near('process_start_time_seconds', Date.now() / 1_000 - process.uptime(), 2)
  for (const share of ['median', 'p99', 'max']) near(`turnpike_event_loop_delay_secondsof="${share}"`, 0, 60)
  if (statSync('/proc/self/fd', { throwIfNoEntry: false }) === undefined) return
  near('process_open_fds', 50, 49)
  assert.ok((values.get('process_max_fds') ?? 0) >= (values.get('process_open_fds') ?? Number.NaN))
})
