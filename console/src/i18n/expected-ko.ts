/**
 * What the patterns of the API's schemas want, in Korean, by what the schemas say of it in English. They come with the schemas, so
 * there is no table of them in English; a test holds this one against all that there are.
 */
export const expectedKo: Readonly<Record<string, string>> = {
  '10 to 128 letters, digits, "-", "_" and ".", with at least ten letters and digits':
    '영문자와 숫자를 10자 이상 포함한 10~128자의 영문자, 숫자, “-”, “_”, “.”',
  'PEM: lines from -----BEGIN to -----END': 'PEM(-----BEGIN에서 -----END까지의 줄)',
  '`next` of the page before, as it is': '이전 페이지의 `next` 값 그대로',
  'a URL that begins with http:// or https://': 'http:// 또는 https://로 시작하는 URL',
  'a URL that begins with http:// or https:// and names its host, or a path that begins with one /':
    'http:// 또는 https://로 시작하고 호스트가 있는 URL, 또는 / 하나로 시작하는 경로',
  'a host name in lower case, with a dot in it': '점이 들어 있는 소문자 호스트 이름',
  'a host name or an address': '호스트 이름 또는 주소',
  'a host name or an address, with a port if needed': '호스트 이름 또는 주소(필요하면 포트 포함)',
  'a media type in lower case, with a charset or without': '소문자로 적은 미디어 타입(charset은 선택)',
  'a media type or a range of them, in lower case': '소문자로 적은 미디어 타입 또는 그 범위',
  'a name without colons and control characters': '콜론과 제어 문자가 없는 이름',
  'a path that begins with /': '/로 시작하는 경로',
  'a path that begins with / and goes on': '/로 시작하고 그 뒤가 있는 경로',
  'a status from 400 on, 4xx or 5xx': '400 이상의 상태 코드, 4xx 또는 5xx',
  'a status, or a class of them such as 2xx': '상태 코드 또는 2xx 같은 상태 코드 묶음',
  'a text on one line, without spaces at its ends': '앞뒤에 공백이 없는 한 줄 텍스트',
  'a text without control characters': '제어 문자가 없는 텍스트',
  'a text without quotes, backslashes and control characters': '따옴표, 역슬래시, 제어 문자가 없는 텍스트',
  'an ETag in its quotes, or *': '따옴표로 묶은 ETag 또는 *',
  'an id as Turnpike makes them: 20 lower-case letters and digits': 'Turnpike가 만든 ID(영문 소문자와 숫자 20자)',
  'http:// or https:// with a host, and a port and a base path if needed, but no query and no user name; or unix:/ with the path of a socket':
    'http:// 또는 https://와 호스트(필요하면 포트와 기본 경로 포함, 쿼리와 사용자 이름 없음), 또는 unix:/와 소켓 경로',
  'printable ASCII': '출력할 수 있는 ASCII 문자',
  'statuses and classes with commas between them': '쉼표로 구분한 상태 코드와 상태 코드 묶음',
  'the name of a header or a cookie, without spaces': '공백 없는 헤더 또는 쿠키 이름',
  'the name of a header, without spaces': '공백 없는 헤더 이름',
  'the name of a host': '호스트 이름',
  'three digits, a class such as 4XX, or "default"': '숫자 세 자리, 4XX 같은 묶음, 또는 “default”',
  'up to 100 letters, digits and any of _ . ~ -': '100자 이하의 영문자, 숫자, _ . ~ -',
  'up to 100 letters, digits, ".", "_" and "-"': '100자 이하의 영문자, 숫자, “.”, “_”, “-”',
  'up to 100 lower-case letters, digits and . _ - @ +, the first a letter or a digit':
    '영문 소문자나 숫자로 시작하는 100자 이하의 영문 소문자, 숫자, . _ - @ +',
  'up to 200 letters, digits and any of . _ : / -': '200자 이하의 영문자, 숫자, . _ : / -',
  'up to 200 letters, digits and any of . _ ~ : / + = @ -': '200자 이하의 영문자, 숫자, . _ ~ : / + = @ -',
  'up to 30 lower-case letters and digits': '30자 이하의 영문 소문자와 숫자',
  'up to 30 lower-case letters, digits and hyphens that begin with a letter and do not end with a hyphen':
    '영문 소문자로 시작하고 하이픈으로 끝나지 않는 30자 이하의 영문 소문자, 숫자, 하이픈',
  'up to 30 lower-case letters, digits and hyphens, with a letter or a digit at both ends':
    '앞뒤가 영문 소문자나 숫자인 30자 이하의 영문 소문자, 숫자, 하이픈',
  'up to 48 characters without spaces': '공백 없는 48자 이하',
  'up to 50 lower-case letters, digits and hyphens, with a letter or a digit at both ends':
    '앞뒤가 영문 소문자나 숫자인 50자 이하의 영문 소문자, 숫자, 하이픈',
  'up to 63 lower-case letters, digits and dashes, the first no dash':
    '하이픈으로 시작하지 않는 63자 이하의 영문 소문자, 숫자, 하이픈',
  'up to 63 lower-case letters, digits, dots and hyphens, with a letter or a digit at both ends':
    '앞뒤가 영문 소문자나 숫자인 63자 이하의 영문 소문자, 숫자, 점, 하이픈',
  'up to 64 letters, digits, "-" and "_", the first a letter or a digit':
    '영문자나 숫자로 시작하는 64자 이하의 영문자, 숫자, “-”, “_”',
  'up to 64 letters, digits, "_", "." and "-" that begin with a letter or "_"':
    '영문자나 “_”로 시작하는 64자 이하의 영문자, 숫자, “_”, “.”, “-”',
}
