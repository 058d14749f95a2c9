import type { en } from './en.ts'

export const ko: { readonly [Key in keyof typeof en]: string } = {
  title: '계정',
  lead: '내 정보와 비밀번호, 콘솔의 모양을 정합니다.',
  who: '내 정보',
  name: '이름',
  may: '권한',
  password: '비밀번호',
  passwordLead: '바꾸면 다른 세션이 모두 끝납니다.',
  current: '지금 비밀번호',
  next: '새 비밀번호',
  nextHint: '10자 이상입니다. 복잡한 것보다 긴 것이 안전합니다.',
  change: '비밀번호 바꾸기',
  changed: '비밀번호를 바꿨습니다',
  looks: '언어와 색',
  looksLead: '이 브라우저에 저장됩니다.',
  language: '언어',
  scheme: '색',
  'scheme.auto': '시스템에 맞춤',
  'scheme.light': '밝게',
  'scheme.dark': '어둡게',
  noPassword: '이 세션은 사용자의 것이 아니므로 바꿀 비밀번호가 없습니다.',
}
