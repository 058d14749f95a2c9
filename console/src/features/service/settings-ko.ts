import type { en } from './settings-en.ts'

/** The texts of the settings of a service, in Korean. */
export const ko: { readonly [Key in keyof typeof en]: string } = {
  'settings.title': '설정',
  'settings.lead': '서비스의 이름과 용도, 복사, 삭제.',
  'settings.about': '이름과 설명',
  'settings.name': '이름',
  'settings.nameHint':
    '호스트 이름의 첫 부분입니다. {host}(으)로 호출하던 곳은 스테이지를 다시 배포한 뒤 새 이름으로 호출해야 합니다.',
  'settings.description': '설명',
  'settings.made': '만든 시각',
  'settings.changed': '변경한 시각',
  'settings.id': 'ID',
  'settings.export': '내보내기',
  'settings.exportHint':
    '플러그인과 백엔드를 포함한 설계 문서입니다. 다시 가져오면 똑같은 설계가 됩니다. 전체 설정 파일에는 스테이지도 들어 있습니다.',
  'settings.copy': '서비스 복사',
  'settings.copyHint': '모델과 게이트웨이 응답을 포함한 설계와 제한 정책을 복사합니다.',
  'settings.copyName': '복사본 이름',
  'settings.withStages': '스테이지도 복사',
  'settings.withStagesHint': '아직 배포되지 않은 상태이며, 도메인과 경로 접두사는 빠집니다.',
  'settings.makeCopy': '복사',
  'settings.copied': '{from}을(를) {name}(으)로 복사했습니다',
  'settings.delete': '서비스 삭제',
  'settings.deleteHint':
    '설계와 모든 스테이지와 배포가 함께 삭제됩니다. 실행 중인 것은 게이트웨이에서 바로 내려갑니다.',
  'settings.deleteStages': '함께 삭제되는 스테이지: {names}.',
  'settings.noStages': '스테이지가 없습니다.',
  'settings.deleteConfirm': '삭제하려면 {name}을(를) 입력하세요',
  'settings.inTheWay': '삭제하지 못했습니다: 막고 있는 것이 있습니다',
  'settings.plans': '사용량 플랜',
  'settings.deleted': '{name}을(를) 삭제했습니다',
}
