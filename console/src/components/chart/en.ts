/** What charts say. */
export const en = {
  'chart.asTable': 'Show as table',
  'chart.asChart': 'Show as chart',
  'chart.time': 'Time',
  'chart.nothing': 'No data in this span',
  'chart.summary': '{title}, from {from} to {to}.',
  'chart.seriesSummary': '{name}: highest {highest}, last {last}.',
  'chart.noValues': '{name}: none.',
  'chart.hint': 'Drag over the chart to zoom in.',
} as const
