/** Numbers and moments as the reader's language writes them. What is not known is a dash. */
export interface Units {
  /** All digits. */
  count(value: number | null): string
  /** A few digits: `1.2K`. */
  short(value: number | null): string
  perSecond(value: number | null): string
  /** Of 1: 0.05 is 5 %. */
  percent(ratio: number | null): string
  /** By how much of 1 something has changed, with its sign. */
  change(ratio: number): string
  /** Milliseconds; from a second on in seconds. */
  ms(value: number | null): string
  bytes(value: number | null): string
  /** Hour and minute. */
  clock(ms: number): string
  /** With seconds. */
  second(ms: number): string
  /** With milliseconds. */
  millisecond(ms: number): string
  /** The day, and the time to the millisecond. */
  instant(ms: number): string
  day(ms: number, timeZone?: string): string
  dayAndClock(ms: number, timeZone?: string): string
}

const NOTHING = '–'
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
const SECOND_MS = 1_000
const MINUTE_MS = 60_000

/** What a language writes numbers and moments with. Each kind is made when something is written in it for the first time. */
export function unitsOf(language: string): Units {
  const number = (options: Intl.NumberFormatOptions = {}) => {
    let format: Intl.NumberFormat | undefined
    return (value: number | null) => {
      if (value === null) return NOTHING
      format ??= new Intl.NumberFormat(language, options)
      return format.format(value)
    }
  }
  const unit = (name: string) =>
    number({ style: 'unit', unit: name, unitDisplay: 'short', maximumSignificantDigits: 3 })
  const moment = (options: Intl.DateTimeFormatOptions) => {
    let format: Intl.DateTimeFormat | undefined
    return (ms: number) => {
      format ??= new Intl.DateTimeFormat(language, { hourCycle: 'h23', ...options })
      return format.format(ms)
    }
  }
  const inZone = (options: Intl.DateTimeFormatOptions) => (ms: number, timeZone?: string) =>
    moment(timeZone === undefined ? options : { ...options, timeZone })(ms)
  const rate = number({ maximumSignificantDigits: 3 })
  const [inMs, inSeconds, inMinutes] = [unit('millisecond'), unit('second'), unit('minute')]
  const sizes = SIZES.map(unit)
  const clock = { hour: '2-digit', minute: '2-digit' } as const
  return {
    count: number(),
    short: number({ notation: 'compact', maximumSignificantDigits: 3 }),
    perSecond: (value) => (value === null ? NOTHING : `${rate(value)}/s`),
    percent: number({ style: 'percent', maximumFractionDigits: 2 }),
    change: number({ style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' }),
    ms(value) {
      if (value === null || value < SECOND_MS) return inMs(value)
      return value < MINUTE_MS ? inSeconds(value / SECOND_MS) : inMinutes(value / MINUTE_MS)
    },
    bytes(value) {
      const step = value === null || value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), sizes.length - 1)
      return (sizes[step] ?? inMs)(value === null ? null : value / 1_000 ** step)
    },
    clock: moment(clock),
    second: moment({ ...clock, second: '2-digit' }),
    millisecond: moment({ ...clock, second: '2-digit', fractionalSecondDigits: 3 }),
    instant: moment({ month: 'short', day: 'numeric', ...clock, second: '2-digit', fractionalSecondDigits: 3 }),
    day: inZone({ month: 'short', day: 'numeric' }),
    dayAndClock: inZone({ month: 'short', day: 'numeric', ...clock }),
  }
}
