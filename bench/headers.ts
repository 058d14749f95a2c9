/** About 400 bytes of request headers with the `Host`, as a browser sends them. */
export const HEADERS: readonly string[] = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36',
  'Accept: application/json, text/plain, */*',
  'Accept-Language: en-US,en;q=0.9,ko;q=0.8',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Referer: https://console.example.com/orders/2026',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark',
  'X-Requested-With: XMLHttpRequest',
]
