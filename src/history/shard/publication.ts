// What follows from a shard's decisions outside of it, commit by commit. History thread.

/**
 * It waits for the commit that its decision is part of; under a seal it may be on its way before (docs/decisions/0017).
 */
export interface Publication {
  /** The commit is being written, and may still fail. Not called for every commit. */
  sendAhead(): void;
  /** The commit is durable. */
  committed(): void;
  /** It is not, or nobody knows. */
  failed(): void;
}

export class Publications {
  #next: Publication[] = [];
  /** Of the commit that was taken last. */
  #taken: Publication[] = [];

  /** Of a decision that is part of the next commit. */
  add(publication: Publication): void {
    this.#next.push(publication);
  }

  /** Of a decision that is part of the commit being written. */
  addTaken(publication: Publication): void {
    this.#taken.push(publication);
  }

  /** What was decided so far is a commit now. */
  taken(): void {
    this.#taken = this.#next;
    this.#next = [];
  }

  sendAhead(): void {
    for (const publication of this.#taken) publication.sendAhead();
  }

  /** False if there was nothing. */
  committed(): boolean {
    const publications = this.#taken;
    this.#taken = [];
    for (const publication of publications) publication.committed();
    return publications.length !== 0;
  }

  /** The shard is lost, with all that it decided. */
  failed(): void {
    for (const publication of [...this.#taken, ...this.#next]) publication.failed();
    this.#taken = [];
    this.#next = [];
  }
}
