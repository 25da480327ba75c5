// Servers stand still while another one is measured: one that waits for its round still looks after its tables, and shares the machine and
// perhaps the database. Both sides alike, and each has the machine to itself as it would have in service.

/** Ends with resume(), also when the process ends before. */
export class Standstill {
  readonly #pids: ReadonlySet<number>;
  readonly #resume = (): void => {
    for (const pid of this.#pids) signal(pid, 'SIGCONT');
  };

  /** Process ids; of servers elsewhere there is none. */
  constructor(pids: readonly (number | undefined)[]) {
    this.#pids = new Set(pids.filter((pid) => pid !== undefined));
    // A process that stands still would not hear that it is to end.
    process.once('exit', this.#resume);
  }

  /** Only this one runs from now on. */
  only(running: number | undefined): void {
    for (const pid of this.#pids) signal(pid, pid === running ? 'SIGCONT' : 'SIGSTOP');
  }

  resume(): void {
    process.off('exit', this.#resume);
    this.#resume();
  }
}

function signal(pid: number, name: 'SIGCONT' | 'SIGSTOP'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended; whoever measures it finds out.
  }
}
