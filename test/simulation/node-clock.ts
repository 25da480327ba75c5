// The clock of one simulated process over the world's clock: a process that is killed hears nothing any more, one that is paused
// hears everything when it goes on, late.

import type { Clock, TimerHandle } from '../../src/runtime/clock.ts';
import type { VirtualClock } from '../../src/runtime/virtual-clock.ts';

export class NodeClock implements Clock {
  readonly #world: VirtualClock;
  readonly #timers = new Set<TimerHandle>();
  #dead = false;
  /** Set while the process is paused. */
  #held: (() => void)[] | undefined;

  constructor(world: VirtualClock) {
    this.#world = world;
  }

  nowMs(): number {
    return this.#world.nowMs();
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    let cancelled = false;
    const timer = this.#world.after(delayMs, () => {
      this.#timers.delete(handle);
      this.#run(() => {
        if (!cancelled) callback();
      });
    });
    const handle = {
      cancel: () => {
        cancelled = true;
        this.#timers.delete(handle);
        timer.cancel();
      },
    };
    if (this.#dead) timer.cancel();
    else this.#timers.add(handle);
    return handle;
  }

  defer(callback: () => void): void {
    this.#world.defer(() => this.#run(callback));
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  get isDead(): boolean {
    return this.#dead;
  }

  get isPaused(): boolean {
    return this.#held !== undefined;
  }

  /** Timers that this process still waits for. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  kill(): void {
    this.#dead = true;
    this.#held = undefined;
    for (const timer of [...this.#timers]) timer.cancel();
  }

  pause(): void {
    this.#held ??= [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const callback of held) this.#world.defer(() => this.#run(callback));
  }

  #run(callback: () => void): void {
    if (this.#dead) return;
    if (this.#held !== undefined) this.#held.push(callback);
    else callback();
  }
}
