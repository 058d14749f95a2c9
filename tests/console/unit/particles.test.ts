import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { withParticles } from '../../../console/src/i18n/particles.ts'
import { translator } from '../../../console/src/i18n/translator.ts'

describe('particles fit what they follow', () => {
  for (const [written, wanted] of [
    ['상점을(를) 삭제할까요?', '상점을 삭제할까요?'],
    ['가게을(를) 삭제할까요?', '가게를 삭제할까요?'],
    ['배포 1(으)로 롤백', '배포 1로 롤백'],
    ['배포 3(으)로 롤백', '배포 3으로 롤백'],
    ['배포 2이(가) 라이브입니다.', '배포 2가 라이브입니다.'],
    ['배포 10이(가) 라이브입니다.', '배포 10이 라이브입니다.'],
    ['배포 4과(와) 같습니다.', '배포 4와 같습니다.'],
    ['“고객”은(는) 사용 중입니다', '“고객”은 사용 중입니다'],
    ['“길”(이)라는 설정', '“길”이라는 설정'],
    ['서울(으)로', '서울로'],
    ['acme을(를) 삭제할까요?', 'acme을(를) 삭제할까요?'],
    ['/pets/{petId}을(를)', '/pets/{petId}을(를)'],
    ['가게(상점)을(를) 가게와(과)', '가게(상점)을 가게와(과)'],
  ] as const)
    test(wanted, () => assert.equal(withParticles(written), wanted))

  test('in Korean only, and where blanks have been filled', () => {
    const text = { of: '{name}을(를) 삭제할까요?' }
    assert.equal(translator(text, 'ko')('of', { name: '플랜' }), '플랜을 삭제할까요?')
    assert.equal(translator(text, 'en')('of', { name: '플랜' }), '플랜을(를) 삭제할까요?')
  })
})
