import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { farmFingerprint32 } from '../base/farm-fingerprint32.ts';
import { createPollBoard, type Offer, PollBoardReader, PollBoardWriter } from './poll-board.ts';

const KEY = 'namespace:queue:1';
const REQUEST = Buffer.from('a poll');

class Desk {
  readonly memory = createPollBoard();
  readonly writer = new PollBoardWriter(this.memory);
  readonly reader = new PollBoardReader(this.memory);
  readonly #occupied = new Set<number>();

  offer(key = KEY, request: Uint8Array = REQUEST): Offer | undefined {
    const offer = this.writer.offer(key, request, (slot) => !this.#occupied.has(slot));
    if (offer !== undefined) this.#occupied.add(offer.slot);
    return offer;
  }

  free({ slot }: Offer): void {
    this.#occupied.delete(slot);
  }
}

test('an offered poll is claimed once, with its bytes, and cannot be withdrawn any more', () => {
  const desk = new Desk();
  const offer = desk.offer()!;
  const claimed = desk.reader.claim(KEY)!;
  assert.deepEqual({ slot: claimed.slot, id: claimed.id }, offer);
  assert.deepEqual(claimed.request, REQUEST);
  assert.equal(desk.reader.claim(KEY), undefined);
  assert.equal(desk.writer.withdraw(offer), false);
});

test('a withdrawn poll is not claimed any more', () => {
  const desk = new Desk();
  const offer = desk.offer()!;
  assert.equal(desk.writer.withdraw(offer), true);
  assert.equal(desk.writer.withdraw(offer), false);
  assert.equal(desk.reader.claim(KEY), undefined);
});

test('only polls of the very same partition are claimed, in any script', () => {
  const desk = new Desk();
  desk.offer('namespace:Warteschlange für Ärzte 待ち行列:2');
  assert.equal(desk.reader.claim(KEY), undefined);
  assert.equal(desk.reader.claim('namespace:Warteschlange für Ärzte 待ち行列:1'), undefined);
  assert.deepEqual(desk.reader.claim('namespace:Warteschlange für Ärzte 待ち行列:2')?.request, REQUEST);
});

test('keys whose hashes are the same share a bucket and stay apart', () => {
  const desk = new Desk();
  const [one, other] = collidingKeys();
  desk.offer(one, Buffer.from('one'));
  assert.equal(desk.reader.claim(other), undefined);
  desk.offer(other, Buffer.from('other'));
  assert.equal(desk.reader.claim(other)?.request.toString(), 'other');
  assert.equal(desk.reader.claim(one)?.request.toString(), 'one');
});

test('a slot that is offered again has another id, also under another matching thread', () => {
  const desk = new Desk();
  const first = desk.offer()!;
  desk.reader.claim(KEY);
  desk.free(first);
  const second = desk.offer()!;
  assert.equal(second.slot, first.slot);
  assert.notEqual(second.id, first.id);
  const successor = new PollBoardWriter(desk.memory);
  assert.equal(desk.reader.claim(KEY), undefined, 'what the old thread offered is gone');
  const third = successor.offer(KEY, REQUEST, () => true)!;
  assert.ok(third.id > second.id);
});

test('a full bucket and a poll that is too long are not offered', () => {
  const desk = new Desk();
  assert.equal(desk.offer(KEY, Buffer.alloc(600)), undefined);
  let offered = 0;
  while (desk.offer() !== undefined) offered++;
  assert.equal(offered, 64);
});

test('threads that claim and a thread that withdraws: every poll goes to exactly one of them', async () => {
  const { memory, writer } = new Desk();
  const claims = new Map<number, number>();
  let running = 0;
  const claimers = [1, 2].map(
    () => new Worker(new URL('./testing/poll-claimer.ts', import.meta.url), { workerData: { memory, key: KEY } }),
  );
  const over = claimers.map(
    (claimer) =>
      new Promise<void>((resolve) => {
        claimer.on('message', ([id, request]: [number, string]) => {
          if (id === 0) {
            running++;
            return;
          }
          if (id === -1) return resolve();
          claims.set(id, (claims.get(id) ?? 0) + 1);
          assert.equal(request, `poll ${id}`);
        });
      }),
  );
  while (running < claimers.length) await new Promise(setImmediate);
  const open = new Map<number, Offer>();
  const withdrawn: number[] = [];
  let next = 1;
  let id = 0;
  while (next <= 20_000) {
    const offer = writer.offer(KEY, Buffer.from(`poll ${++id}`), (slot) => !open.has(slot));
    if (offer === undefined) {
      id--;
      // The oldest half is taken back; what was claimed is free as well.
      for (const old of [...open.values()].slice(0, 32)) {
        if (writer.withdraw(old)) withdrawn.push(old.id);
        open.delete(old.slot);
      }
      await new Promise(setImmediate);
    } else {
      assert.equal(offer.id, id);
      open.set(offer.slot, offer);
      next++;
    }
  }
  for (const rest of open.values()) if (writer.withdraw(rest)) withdrawn.push(rest.id);
  for (const claimer of claimers) claimer.postMessage('stop');
  await Promise.all(over);
  await Promise.all(claimers.map((claimer) => claimer.terminate()));
  for (const each of withdrawn) {
    assert.equal(claims.has(each), false, `poll ${each} was withdrawn and claimed`);
    claims.set(each, 1);
  }
  assert.ok(withdrawn.length < 20_000, 'nothing was claimed: the test shows nothing');
  assert.equal(claims.size, 20_000);
  for (const [each, count] of claims) assert.equal(count, 1, `poll ${each} was claimed ${count} times`);
});

/** Two keys of one hash, by the birthday paradox. */
function collidingKeys(): [string, string] {
  const seen = new Map<number, string>();
  for (let i = 0; ; i++) {
    const key = `namespace:queue-${i.toString(36)}:1`;
    const hash = farmFingerprint32(Buffer.from(key));
    const other = seen.get(hash);
    if (other !== undefined) return [other, key];
    seen.set(hash, key);
  }
}
