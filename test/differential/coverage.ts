// What the programs of a run met on the real server: RPCs, commands, kinds of events, error messages.

export class Coverage {
  readonly rpcs = new Set<string>();
  readonly commands = new Set<string>();
  readonly events = new Set<string>();
  readonly errors = new Set<string>();

  /** Ids and numbers do not make a message another one. */
  error(code: string, message: string, prefix: string): void {
    const text = message
      .replaceAll(prefix, 'PREFIX')
      .replaceAll(/\bid-\d+\b/g, 'ID')
      .replaceAll(/x{20,}/g, 'xxx')
      // What the commands were makes no other message.
      .replace(/^invalid command sequence: .* must be the last command\.$/, 'invalid command sequence: ...')
      .replaceAll(/\d+/g, 'N');
    this.errors.add(`${code}: ${text}`);
  }

  /** A client's stub that leaves the names of the called RPCs here. */
  watched<Service extends object>(service: Service): Service {
    const { rpcs } = this;
    return new Proxy(service, {
      get(target, name, receiver) {
        const member = Reflect.get(target, name, receiver);
        if (typeof member !== 'function' || typeof name !== 'string') return member;
        return (...words: unknown[]) => {
          rpcs.add(name);
          return Reflect.apply(member, target, words);
        };
      },
    });
  }

  report(): string {
    const lists: readonly (readonly [string, ReadonlySet<string>])[] = [
      ['RPCs', this.rpcs],
      ['commands', this.commands],
      ['kinds of events', this.events],
      ['error messages', this.errors],
    ];
    return lists
      .map(
        ([name, items]) =>
          `${items.size} ${name}\n${[...items]
            .sort()
            .map((item) => `    ${item}\n`)
            .join('')}`,
      )
      .join('\n');
  }
}
