import type { en } from './en.ts'

export const ko: Readonly<Record<keyof typeof en, string>> = {
  'document.title': 'API 문서',
  'document.lead': '호출자를 위한 라이브 스테이지 문서입니다. 백엔드와 플러그인은 포함되지 않습니다.',
  'document.none': '아직 라이브인 배포가 없습니다',
  'document.noneHint': '스테이지를 배포하세요. API 문서는 라이브 배포의 문서입니다.',
  'document.toChanges': '변경 사항으로',
  'document.public': '누구나 읽을 수 있음',
  'document.publicHint': '로그인 없이 아래 주소에서 읽을 수 있습니다. 바로 적용됩니다.',
  'document.private': '서비스를 읽을 수 있는 사람만 볼 수 있습니다.',
  'document.address': '공개 주소',
  'document.download': '내려받기(OpenAPI 3.1)',
  'document.region': 'API 문서',
  'document.notPublic': '문서가 없거나 공개되지 않았습니다',
  'document.notPublicHint': 'API 운영자에게 문서 공개를 요청하세요.',
}
