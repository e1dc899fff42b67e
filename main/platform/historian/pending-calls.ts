interface Pending<Answer> {
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

/** Calls into a worker that wait for their answer, by id. */
export class PendingCalls<Answer> {
  private readonly pending = new Map<number, Pending<Answer>>()
  private lastId = 0

  open(send: (id: number) => void): Promise<Answer> {
    this.lastId += 1
    const id = this.lastId
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject })
      try {
        send(id)
      } catch (error) {
        this.reject(id, error)
      }
    })
  }

  resolve(id: number, answer: Answer): void {
    this.pending.get(id)?.resolve(answer)
    this.pending.delete(id)
  }

  reject(id: number, error: unknown): void {
    this.pending.get(id)?.reject(error)
    this.pending.delete(id)
  }

  rejectAll(error: unknown): void {
    for (const { reject } of this.pending.values()) reject(error)
    this.pending.clear()
  }
}
