/**
 * Korean particles have two forms, by the sound that they follow. A text that cannot know what its blanks are filled with has both, as
 * in "{name}을(를)". Where the sound is certain, behind Hangul and numbers, the one that fits stays; behind other letters, whose
 * sound depends on the word, both do.
 */
export function withParticles(text: string): string {
  return text.replaceAll(PARTICLE, (whole, last: string, closing: string, both: string) => {
    const sound = soundOf(last)
    const forms = FORMS[both]
    if (sound === null || forms === undefined) return whole
    return `${last}${closing}${forms[sound]}`
  })
}

/** How a word ends: with a vowel, with ㄹ, which 로 takes for one, or with another consonant. */
type Sound = 'vowel' | 'rieul' | 'consonant'

const FORMS: Readonly<Record<string, Readonly<Record<Sound, string>>>> = {
  '을(를)': { vowel: '를', rieul: '을', consonant: '을' },
  '은(는)': { vowel: '는', rieul: '은', consonant: '은' },
  '이(가)': { vowel: '가', rieul: '이', consonant: '이' },
  '과(와)': { vowel: '와', rieul: '과', consonant: '과' },
  '(으)로': { vowel: '로', rieul: '로', consonant: '으로' },
  '(이)라': { vowel: '라', rieul: '이라', consonant: '이라' },
}

/** A particle with both forms, and the last sign that is said before it: marks that close something are not. */
const PARTICLE = /([^\s”’"')\]])([”’"')\]]*)(을\(를\)|은\(는\)|이\(가\)|과\(와\)|\(으\)로|\(이\)라)/g

/** 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구. What ends with zeros ends with 십, 백, 천 or 만, which sound alike here. */
const DIGITS: readonly Sound[] = [
  'consonant',
  'rieul',
  'vowel',
  'consonant',
  'vowel',
  'vowel',
  'consonant',
  'rieul',
  'rieul',
  'vowel',
]

// Unicode has the syllables in order: each beginning and vowel with all its 28 ends, the first of which is none.
const FIRST_SYLLABLE = 0xac00
const LAST_SYLLABLE = 0xd7a3
const ENDS = 28
const RIEUL = 8

function soundOf(sign: string): Sound | null {
  const code = sign.charCodeAt(0)
  if (code >= FIRST_SYLLABLE && code <= LAST_SYLLABLE) {
    const end = (code - FIRST_SYLLABLE) % ENDS
    return end === 0 ? 'vowel' : end === RIEUL ? 'rieul' : 'consonant'
  }
  return /\d/.test(sign) ? (DIGITS[Number(sign)] ?? null) : null
}
