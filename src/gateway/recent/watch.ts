import { newestFirst, type PlacedRequest, type RequestFilter, type RequestPlace } from '../../model/recent-request.ts'
import type { RecentRequests } from './requests.ts'

/** Questions about the last requests: from the supervisor to all workers, and their answers put together. */

/** Supervisor to worker. */
export type RequestQuestion =
  | { readonly type: 'requests-find'; readonly ticket: number; readonly id: string }
  | {
      readonly type: 'requests-list'
      readonly ticket: number
      readonly filter: RequestFilter
      readonly before: RequestPlace | null
      readonly most: number
    }
  | { readonly type: 'requests-follow'; readonly ticket: number; readonly filter: RequestFilter }
  | { readonly type: 'requests-leave'; readonly ticket: number }

/** Whether what the supervisor says is a question. */
export function isRequestQuestion(command: { readonly type: string }): command is RequestQuestion {
  return command.type.startsWith('requests-')
}

/** Worker to supervisor. `missed` are those of a follower that came too fast to be told. */
export interface RequestAnswer {
  readonly type: 'requests'
  readonly ticket: number
  readonly items: readonly PlacedRequest[]
  readonly missed: number
}

/** How often followers are told what has come, and how much at a time. */
const FOLLOW_MS = 200
const MOST_AT_A_TIME = 200
/** How long a worker may take to answer. One that is busy with a snapshot, or has died, is done without. */
const ANSWER_MS = 2_000

/** The worker's side: answers questions. */
export class RequestTeller {
  private readonly recent: RecentRequests
  private readonly answer: (answer: RequestAnswer) => void
  private readonly followers = new Map<number, ReturnType<RecentRequests['follow']>>()
  private timer: NodeJS.Timeout | null = null

  constructor(recent: RecentRequests, answer: (answer: RequestAnswer) => void) {
    this.recent = recent
    this.answer = answer
  }

  take(question: RequestQuestion): void {
    const { ticket } = question
    switch (question.type) {
      case 'requests-find': {
        const found = this.recent.find(question.id)
        return this.answer({ type: 'requests', ticket, items: found === null ? [] : [found], missed: 0 })
      }
      case 'requests-list': {
        const { filter, before, most } = question
        return this.answer({ type: 'requests', ticket, items: this.recent.list(filter, before, most), missed: 0 })
      }
      case 'requests-follow':
        this.followers.set(ticket, this.recent.follow(question.filter))
        this.timer ??= setInterval(() => this.tellFollowers(), FOLLOW_MS)
        return
      case 'requests-leave':
        this.followers.delete(ticket)
        if (this.followers.size > 0 || this.timer === null) return
        clearInterval(this.timer)
        this.timer = null
    }
  }

  private tellFollowers(): void {
    for (const [ticket, take] of this.followers) {
      const { items, missed } = take(MOST_AT_A_TIME)
      if (items.length > 0 || missed > 0) this.answer({ type: 'requests', ticket, items, missed })
    }
  }
}

/** What a follower is told: requests, oldest first, and how many came too fast. */
export type RequestListener = (items: readonly PlacedRequest[], missed: number) => void

/** The supervisor's side: asks all workers. */
export class RequestWatch {
  private readonly workers: () => number
  private readonly ask: (worker: number, question: RequestQuestion) => void
  private readonly waiting = new Map<number, (answer: RequestAnswer) => void>()
  private readonly followed = new Map<number, { filter: RequestFilter; listener: RequestListener }>()
  private lastTicket = 0

  /** `workers` says how many there are, `ask` asks one of them; one that does not run answers nothing. */
  constructor(workers: () => number, ask: (worker: number, question: RequestQuestion) => void) {
    this.workers = workers
    this.ask = ask
  }

  /** The newest request of an id; null where nobody remembers it. */
  async find(id: string): Promise<PlacedRequest | null> {
    const found = await this.askAll((ticket) => ({ type: 'requests-find', ticket, id }))
    return found.sort((a, b) => newestFirst(a.place, b.place))[0] ?? null
  }

  /** The newest that the filter wants, behind a place, at most so many. */
  async list(filter: RequestFilter, before: RequestPlace | null, most: number): Promise<PlacedRequest[]> {
    const found = await this.askAll((ticket) => ({ type: 'requests-list', ticket, filter, before, most }))
    return found.sort((a, b) => newestFirst(a.place, b.place)).slice(0, most)
  }

  /** Has a listener told of requests from now on, until what it gives back is called. */
  follow(filter: RequestFilter, listener: RequestListener): () => void {
    const ticket = ++this.lastTicket
    this.followed.set(ticket, { filter, listener })
    this.tellAll({ type: 'requests-follow', ticket, filter })
    return () => {
      this.followed.delete(ticket)
      this.tellAll({ type: 'requests-leave', ticket })
    }
  }

  /** A worker has begun anew, and knows nothing of who follows. */
  rejoin(worker: number): void {
    for (const [ticket, { filter }] of this.followed) this.ask(worker, { type: 'requests-follow', ticket, filter })
  }

  onAnswer(answer: RequestAnswer): void {
    this.waiting.get(answer.ticket)?.(answer)
    this.followed.get(answer.ticket)?.listener(answer.items, answer.missed)
  }

  private async askAll(question: (ticket: number) => RequestQuestion): Promise<PlacedRequest[]> {
    const all = Array.from({ length: this.workers() }, (_, worker) => this.askOne(worker, question))
    return (await Promise.all(all)).flat()
  }

  private askOne(worker: number, question: (ticket: number) => RequestQuestion): Promise<readonly PlacedRequest[]> {
    const ticket = ++this.lastTicket
    return new Promise((resolve) => {
      const settle = (items: readonly PlacedRequest[]) => {
        clearTimeout(tooLate)
        this.waiting.delete(ticket)
        resolve(items)
      }
      const tooLate = setTimeout(() => settle([]), ANSWER_MS)
      this.waiting.set(ticket, ({ items }) => settle(items))
      this.ask(worker, question(ticket))
    })
  }

  private tellAll(question: RequestQuestion): void {
    for (let worker = 0; worker < this.workers(); worker++) this.ask(worker, question)
  }
}
