import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { DeadlineWheel, type WheelEntry } from './deadline-wheel.ts';

class Entry implements WheelEntry {
  expiresMs: number;
  wheelNext: WheelEntry | undefined = undefined;
  wheelPrevious: WheelEntry | undefined = undefined;
  wheelSlot = -1;

  constructor(expiresMs: number) {
    this.expiresMs = expiresMs;
  }
}

/** Runs `body` with a wheel on mocked timers; `run(ms)` lets time pass in steps of 5 ms. */
function withWheel(
  body: (
    wheel: DeadlineWheel,
    expired: Map<WheelEntry, number>,
    run: (ms: number) => void,
    clockReads: () => number,
  ) => void,
  onExpire?: (wheel: DeadlineWheel, entry: WheelEntry) => void,
): void {
  mock.timers.enable({ apis: ['setTimeout'] });
  let now = 1000;
  let reads = 0;
  const expired = new Map<WheelEntry, number>();
  const wheel: DeadlineWheel = new DeadlineWheel(
    () => {
      reads++;
      return now;
    },
    (entry) => {
      expired.set(entry, now);
      onExpire?.(wheel, entry);
    },
  );
  try {
    const run = (ms: number) => {
      for (let passed = 0; passed < ms; passed += 5) {
        now += 5;
        mock.timers.tick(5);
      }
    };
    body(wheel, expired, run, () => reads);
  } finally {
    wheel.stop();
    mock.timers.reset();
  }
}

describe('the deadline wheel', () => {
  it('expires each entry at its time, never early and at most two ticks late', () => {
    withWheel((wheel, expired, run) => {
      const entries: Entry[] = [];
      for (let i = 0; i < 2000; i++) {
        const entry = new Entry(1000 + ((i * 7919) % 30_000));
        entries.push(entry);
        wheel.add(entry);
      }
      run(31_000);
      for (const entry of entries) {
        const at = expired.get(entry)!;
        assert.ok(at >= entry.expiresMs && at <= entry.expiresMs + 45, `${entry.expiresMs} at ${at}`);
      }
    });
  });

  it('does not expire what was removed', () => {
    withWheel((wheel, expired, run) => {
      const entries = Array.from({ length: 10 }, () => new Entry(1500));
      for (const entry of entries) wheel.add(entry);
      for (const [i, entry] of entries.entries()) if (i % 3 === 0) wheel.remove(entry);
      wheel.remove(entries[0]!);
      run(1000);
      assert.equal(expired.size, 6);
    });
  });

  it('serves an earlier entry that comes later', () => {
    withWheel((wheel, expired, run) => {
      const late = new Entry(20_000);
      const early = new Entry(1100);
      wheel.add(late);
      wheel.add(early);
      run(200);
      assert.deepEqual([...expired.keys()], [early]);
      run(20_000);
      assert.equal(expired.size, 2);
    });
  });

  it('takes an entry whose time has passed', () => {
    withWheel((wheel, expired, run) => {
      wheel.add(new Entry(5));
      run(50);
      assert.equal(expired.size, 1);
    });
  });

  it('lets an expiring entry remove its neighbours and add others', () => {
    const neighbours = Array.from({ length: 5 }, () => new Entry(1500));
    const added = new Entry(1700);
    let first = true;
    withWheel(
      (wheel, expired, run) => {
        const far = new Entry(1900);
        wheel.add(far);
        for (const entry of neighbours) wheel.add(entry);
        run(2000);
        assert.equal(expired.size, 3);
        assert.ok(expired.has(added) && expired.has(far));
      },
      (wheel, expiring) => {
        if (!first) return;
        first = false;
        for (const entry of neighbours) if (entry !== expiring) wheel.remove(entry);
        wheel.add(added);
      },
    );
  });

  it('sleeps until something is due, whatever lies in the slots that pass', () => {
    withWheel((wheel, expired, run, clockReads) => {
      for (let i = 0; i < 5000; i++) wheel.add(new Entry(61_000 + 2 * i));
      const before = clockReads();
      run(59_000);
      assert.ok(clockReads() - before <= 2, `woke ${clockReads() - before} times`);
      run(12_000);
      assert.equal(expired.size, 5000);
    });
  });

  it('sleeps on when what was due first has gone, also of thousands with one deadline', () => {
    withWheel((wheel, expired, run, clockReads) => {
      const calls = Array.from({ length: 20_000 }, () => new Entry(11_240));
      const later = new Entry(11_240 + 512 * 20);
      for (const entry of [...calls, later]) wheel.add(entry);
      const beganMs = performance.now();
      for (const entry of calls) wheel.remove(entry);
      assert.ok(performance.now() - beganMs < 1000, 'each removal looked through the slot');
      const before = clockReads();
      run(20_000);
      assert.ok(clockReads() - before <= 4, `woke ${clockReads() - before} times`);
      run(1_000);
      assert.deepEqual([...expired.keys()], [later]);
    });
  });

  it('is quiet once stopped', () => {
    withWheel((wheel, expired, run) => {
      wheel.add(new Entry(1100));
      wheel.stop();
      wheel.add(new Entry(1050));
      run(500);
      assert.equal(expired.size, 0);
    });
  });
});
