import type { en } from './en.ts'

export const ko: { readonly [Key in keyof typeof en]: string } = {
  'chart.asTable': '표로 보기',
  'chart.asChart': '차트로 보기',
  'chart.time': '시각',
  'chart.nothing': '이 기간에는 데이터가 없습니다',
  'chart.summary': '{title}, {from}부터 {to}까지.',
  'chart.seriesSummary': '{name}: 최고 {highest}, 마지막 {last}.',
  'chart.noValues': '{name}: 없음.',
  'chart.hint': '차트 위를 끌면 확대됩니다.',
}
