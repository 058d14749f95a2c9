import { useComputedColorScheme } from '@mantine/core'
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { type ECharts, init, use as register } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { type PointerEvent, useEffect, useRef, useState } from 'react'
import { useUnits } from '../../i18n/use-units.ts'
import { type ChartTheme, chartOption, pointLabel } from './option.ts'
import type { ChartData } from './series.ts'

register([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer])

/** Less is a click. */
const MIN_DRAG_PX = 8

export interface CanvasProps {
  readonly data: ChartData
  readonly format: (value: number) => string
  readonly height: number
  /** Is told of the span that was dragged over. */
  readonly onZoom?: ((from: number, to: number) => void) | undefined
}

/** The picture itself. Loaded when there is one to show: what draws it is large. */
export function Canvas({ data, format, height, onZoom }: CanvasProps) {
  const units = useUnits()
  const scheme = useComputedColorScheme()
  const element = useRef<HTMLDivElement>(null)
  const chart = useRef<ECharts | null>(null)

  // How it is to be drawn now; it is drawn once there is something to draw on.
  const draw = () => {
    const option = chartOption(data, format, units, { ...pageTheme(), scheme })
    const tooltip = { ...option.tooltip, formatter: (points: unknown) => tooltipOf(points, data, format, units) }
    chart.current?.setOption({ ...option, tooltip }, { replaceMerge: ['series'], lazyUpdate: true })
  }
  const latest = useRef(draw)

  useEffect(() => {
    // Each picture in its own time, so that the page answers between two of them.
    const timer = setTimeout(() => {
      if (element.current === null) return
      chart.current = init(element.current, null, { renderer: 'canvas' })
      latest.current()
    })
    const observer = new ResizeObserver(() => {
      // An observer tells of the size first of all, which is no change of it.
      if (hasNewSize(chart.current)) chart.current?.resize()
    })
    if (element.current !== null) observer.observe(element.current)
    return () => {
      clearTimeout(timer)
      observer.disconnect()
      chart.current?.dispose()
      chart.current = null
    }
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: these are what draw draws
  useEffect(() => {
    latest.current = draw
    draw()
  }, [data, format, units, scheme])

  const timeAt = (x: number) => Number(chart.current?.convertFromPixel({ xAxisIndex: 0 }, x))
  const drag = useDrag((left, right) => {
    const from = Math.max(timeAt(left), data.from)
    const to = Math.min(timeAt(right), data.to)
    if (to > from) onZoom?.(from, to)
  })
  return (
    <div
      style={{ position: 'relative', touchAction: 'pan-y', cursor: onZoom === undefined ? 'default' : 'crosshair' }}
      {...(onZoom !== undefined && drag.handlers)}
    >
      <div ref={element} style={{ height }} />
      {drag.selected !== null && (
        <div
          style={{
            position: 'absolute',
            top: 0,
            bottom: 0,
            left: drag.selected.left,
            width: drag.selected.right - drag.selected.left,
            background: 'var(--mantine-primary-color-light-hover)',
            pointerEvents: 'none',
          }}
        />
      )}
    </div>
  )
}

function hasNewSize(chart: ECharts | null): boolean {
  const element = chart?.getDom()
  return (
    element !== undefined && (chart?.getWidth() !== element.clientWidth || chart.getHeight() !== element.clientHeight)
  )
}

/** Dragging from left to right or back, in pixels from the left. */
function useDrag(onDone: (left: number, right: number) => void) {
  const [ends, setEnds] = useState<{ readonly start: number; readonly now: number } | null>(null)
  const xOf = (event: PointerEvent<HTMLElement>) => event.clientX - event.currentTarget.getBoundingClientRect().left
  const selected =
    ends === null || Math.abs(ends.now - ends.start) < MIN_DRAG_PX
      ? null
      : { left: Math.min(ends.start, ends.now), right: Math.max(ends.start, ends.now) }
  const handlers = {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button === 0) setEnds({ start: xOf(event), now: xOf(event) })
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      if (ends === null) return
      event.currentTarget.setPointerCapture(event.pointerId)
      setEnds({ start: ends.start, now: xOf(event) })
    },
    onPointerUp() {
      setEnds(null)
      if (selected !== null) onDone(selected.left, selected.right)
    },
    onPointerCancel: () => setEnds(null),
  }
  return { selected, handlers }
}

function pageTheme(): Pick<ChartTheme, 'colorOf' | 'fontFamily'> {
  const style = getComputedStyle(document.documentElement)
  return {
    colorOf: (variable) => style.getPropertyValue(variable),
    fontFamily: style.getPropertyValue('--mantine-font-family'),
  }
}

/** What ECharts tells of the points under the pointer, as far as it is needed. */
interface TooltipPoint {
  readonly dataIndex: number
}

/** The exact numbers at a point. Made of nodes and not of text: nothing in it can be taken for markup. */
function tooltipOf(
  points: unknown,
  data: ChartData,
  format: (value: number) => string,
  units: Parameters<typeof pointLabel>[2],
): HTMLElement {
  const [first] = points as readonly TooltipPoint[]
  const index = first?.dataIndex ?? 0
  const box = document.createElement('div')
  const title = box.appendChild(document.createElement('div'))
  title.textContent = pointLabel(data.times[index] ?? 0, data, units)
  title.style.fontWeight = '600'
  const table = box.appendChild(document.createElement('table'))
  const style = getComputedStyle(document.documentElement)
  const scheme = document.documentElement.dataset.mantineColorScheme === 'dark' ? 'dark' : 'light'
  for (const { name, values, color } of data.series) {
    const value = values[index] ?? null
    const row = table.appendChild(document.createElement('tr'))
    const mark = row.appendChild(document.createElement('td')).appendChild(document.createElement('span'))
    mark.style.cssText = `display:inline-block;width:9px;height:9px;border-radius:2px;background:${style.getPropertyValue(`--mantine-color-${color[scheme]}`)}`
    row.appendChild(document.createElement('td')).textContent = name
    const number = row.appendChild(document.createElement('td'))
    number.textContent = value === null ? '–' : format(value)
    number.style.cssText = 'text-align:right;padding-left:12px;font-variant-numeric:tabular-nums'
  }
  return box
}
