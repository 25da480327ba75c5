// Scripts for the fuzzer: a valid conversation of gRPC calls in all the ways in which HTTP/2 lets it be said, and what may be
// done to it. Everything follows from the seed.

import { integer } from '../../src/rpc/http2/hpack-encoder.ts';
import { huffmanEncode } from '../../src/rpc/http2/huffman.ts';
import { STATIC_TABLE } from '../../src/rpc/http2/static-table.ts';
import { LAB } from './lab-service.ts';
import { END_HEADERS, END_STREAM, FrameType, frame, grpcMessage, setting, uint32 } from './raw-http2.ts';

const PADDED = 0x8;
const PRIORITY = 0x20;
const INITIAL_WINDOW_SIZE = 4;

/** A generator of random numbers that a seed replays (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, below). */
  next(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }

  oneIn(n: number): boolean {
    return this.next(n) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.next(items.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.next(256)));
  }
}

export interface ScriptFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export interface ExpectedCall {
  readonly streamId: number;
  /** grpc-status, or undefined for a call that the script cancels. */
  readonly status: string | undefined;
  /** The message that is echoed. */
  readonly message: Buffer | undefined;
}

export interface Script {
  readonly frames: ScriptFrame[];
  readonly calls: ExpectedCall[];
  /** What was done to it; undefined for a valid one. */
  readonly mutation: string | undefined;
  /** The frame that it was done to. */
  readonly mutatedType: number | undefined;
}

/** The client's side of HPACK, with all its freedom; the table is followed as RFC 7541 says. */
class FreeEncoder {
  readonly #random: Random;
  #entries: [string, string][] = [];
  #maxBytes = 4096;

  constructor(random: Random) {
    this.#random = random;
  }

  block(fields: readonly [string, string][]): Buffer {
    const parts: Buffer[] = [];
    if (this.#random.oneIn(10)) {
      if (this.#random.oneIn(3)) parts.push(this.#resize(0));
      parts.push(this.#resize(this.#random.pick([0, 40, 200, 4095, 4096])));
    }
    for (const field of fields) parts.push(this.#field(field));
    return Buffer.concat(parts);
  }

  #resize(bytes: number): Buffer {
    this.#maxBytes = bytes;
    this.#evict(bytes);
    return integer(bytes, 5, 0x20);
  }

  #field([name, value]: [string, string]): Buffer {
    const table = [...STATIC_TABLE, ...this.#entries];
    const whole = table.findIndex(([n, v]) => n === name && v === value) + 1;
    if (whole > 0 && !this.#random.oneIn(5)) return integer(whole, 7, 0x80);
    const named = this.#random.oneIn(5) ? 0 : table.findIndex(([n]) => n === name) + 1;
    const [bits, first] = this.#random.pick([
      [6, 0x40],
      [6, 0x40],
      [4, 0x00],
      [4, 0x10],
    ] as const);
    const head = named > 0 ? integer(named, bits, first) : Buffer.concat([Buffer.of(first), this.#string(name)]);
    if (first === 0x40) this.#add([name, value]);
    return Buffer.concat([head, this.#string(value)]);
  }

  #string(text: string): Buffer {
    const bytes = Buffer.from(text, 'latin1');
    if (this.#random.oneIn(2)) return Buffer.concat([integer(bytes.length, 7, 0), bytes]);
    const packed = huffmanEncode(bytes);
    return Buffer.concat([integer(packed.length, 7, 0x80), packed]);
  }

  #add(entry: [string, string]): void {
    const size = entrySize(entry);
    this.#evict(Math.max(0, this.#maxBytes - size));
    if (size <= this.#maxBytes) this.#entries.unshift(entry);
  }

  #evict(maxBytes: number): void {
    let size = this.#entries.reduce((sum, entry) => sum + entrySize(entry), 0);
    while (size > maxBytes) size -= entrySize(this.#entries.pop()!);
  }
}

function entrySize([name, value]: [string, string]): number {
  return name.length + value.length + 32;
}

/** A conversation that both servers must serve in full. */
export function validScript(random: Random): Script {
  const encoder = new FreeEncoder(random);
  const queues: ScriptFrame[][] = [];
  const calls: ExpectedCall[] = [];
  const frames: ScriptFrame[] = [];
  const settings = random.oneIn(2)
    ? Buffer.alloc(0)
    : setting(INITIAL_WINDOW_SIZE, random.pick([0, 1, 100, 65_535, 1 << 20]));
  frames.push({ type: FrameType.SETTINGS, flags: 0, streamId: 0, payload: settings });
  const count = 1 + random.next(8);
  for (let i = 0; i < count; i++) queues.push([]);
  // HEADERS go out in the order of their streams; what follows them is interleaved
  for (let i = 0; i < count; i++) {
    const streamId = 1 + 2 * i;
    const { head, body, expected } = makeCall(random, encoder, streamId);
    frames.push(...head);
    queues[i]!.push(...body);
    calls.push(expected);
    while (random.oneIn(2)) takeOne(random, queues, frames);
  }
  while (queues.some((queue) => queue.length > 0)) takeOne(random, queues, frames);
  // open every window, so that each reply can be read to its end
  frames.push({ type: FrameType.SETTINGS, flags: 0, streamId: 0, payload: setting(INITIAL_WINDOW_SIZE, 1 << 24) });
  frames.push({ type: FrameType.WINDOW_UPDATE, flags: 0, streamId: 0, payload: uint32(1 << 24) });
  return { frames, calls, mutation: undefined, mutatedType: undefined };
}

function takeOne(random: Random, queues: ScriptFrame[][], frames: ScriptFrame[]): void {
  const open = queues.filter((queue) => queue.length > 0);
  if (open.length > 0) frames.push(random.pick(open).shift()!);
  if (random.oneIn(12)) frames.push(noise(random));
}

/** Frames that are legal at any time and mean nothing. */
function noise(random: Random): ScriptFrame {
  return random.pick<() => ScriptFrame>([
    () => ({ type: FrameType.WINDOW_UPDATE, flags: 0, streamId: 0, payload: uint32(1 + random.next(1000)) }),
    () => ({
      type: 0xb0 + random.next(16),
      flags: random.next(256),
      streamId: 0,
      payload: random.bytes(random.next(20)),
    }),
    () => ({ type: FrameType.PRIORITY, flags: 0, streamId: 1001, payload: Buffer.alloc(5) }),
  ])();
}

function makeCall(
  random: Random,
  encoder: FreeEncoder,
  streamId: number,
): { head: ScriptFrame[]; body: ScriptFrame[]; expected: ExpectedCall } {
  const message = random.bytes(random.pick([0, 1, 30, 300, 3000]));
  const kind = random.pick(['Echo', 'Echo', 'Echo', 'Nope', 'Fail', 'cancel', 'too few', 'too many']);
  const path = LAB + (kind === 'Nope' || kind === 'Fail' ? kind : kind === 'cancel' ? 'Park' : 'Echo');
  const fields: [string, string][] = [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    [':authority', 'localhost'], // node:http2 resets a stream without one; RFC 9113 8.3.1 leaves it to the server
    ['content-type', random.pick(['application/grpc', 'application/grpc+proto'])],
    ['te', 'trailers'],
    ...(random.oneIn(2) ? [] : ([['grpc-timeout', `${10 + random.next(80)}S`]] as [string, string][])),
  ];
  for (let i = random.next(5); i > 0; i--)
    fields.push([`x-${random.next(20)}`, 'v'.repeat(random.next(random.pick([5, 50, 3000])))]);
  const bodies = {
    'too few': Buffer.alloc(0),
    'too many': Buffer.concat([grpcMessage(message), grpcMessage(message)]),
  };
  const body = bodies[kind as keyof typeof bodies] ?? grpcMessage(message);
  const statuses: Readonly<Record<string, string>> = {
    Echo: '0',
    Nope: '12',
    Fail: '5',
    'too few': '13',
    'too many': '13',
  };
  const data = dataFrames(random, streamId, body);
  if (kind === 'cancel') data.push({ type: FrameType.RST_STREAM, flags: 0, streamId, payload: uint32(8) });
  return {
    head: headerFrames(random, streamId, encoder.block(fields)),
    body: data,
    expected: { streamId, status: statuses[kind], message: kind === 'Echo' ? message : undefined },
  };
}

/** The block over one HEADERS and any number of CONTINUATION frames, some of them empty. */
function headerFrames(random: Random, streamId: number, block: Buffer): ScriptFrame[] {
  const cuts = random.oneIn(3) ? Array.from({ length: 1 + random.next(4) }, () => random.next(block.length + 1)) : [];
  for (let at = 16_000; at < block.length; at += 16_000) cuts.push(at);
  const edges = [0, ...cuts.sort((a, b) => a - b), block.length];
  const frames: ScriptFrame[] = [];
  for (let i = 0; i + 1 < edges.length; i++) {
    const flags = i + 2 === edges.length ? END_HEADERS : 0;
    const payload = block.subarray(edges[i]!, edges[i + 1]!);
    if (i > 0) frames.push({ type: FrameType.CONTINUATION, flags, streamId, payload });
    else frames.push(decorated(random, { type: FrameType.HEADERS, flags, streamId, payload }));
  }
  return frames;
}

function dataFrames(random: Random, streamId: number, body: Buffer): ScriptFrame[] {
  const cuts = random.oneIn(2) ? Array.from({ length: random.next(5) }, () => random.next(body.length + 1)) : [];
  const edges = [0, ...cuts.sort((a, b) => a - b), body.length];
  const separateEnd = random.oneIn(3);
  const frames: ScriptFrame[] = [];
  for (let i = 0; i + 1 < edges.length; i++) {
    const flags = i + 2 === edges.length && !separateEnd ? END_STREAM : 0;
    frames.push(
      decorated(random, { type: FrameType.DATA, flags, streamId, payload: body.subarray(edges[i]!, edges[i + 1]!) }),
    );
  }
  if (separateEnd) frames.push({ type: FrameType.DATA, flags: END_STREAM, streamId, payload: Buffer.alloc(0) });
  return frames;
}

/** Adds padding, and to HEADERS a priority, now and then. */
function decorated(random: Random, plain: ScriptFrame): ScriptFrame {
  let { flags, payload } = plain;
  if (plain.type === FrameType.HEADERS && random.oneIn(6)) {
    flags |= PRIORITY;
    payload = Buffer.concat([uint32(0), Buffer.of(random.next(256)), payload]);
  }
  if (random.oneIn(6)) {
    const padding = random.next(100);
    flags |= PADDED;
    payload = Buffer.concat([Buffer.of(padding), payload, Buffer.alloc(padding)]);
  }
  return { ...plain, flags, payload };
}

type Mutation = (random: Random, frames: ScriptFrame[], at: number) => void;

const replaceAt = (frames: ScriptFrame[], at: number, change: Partial<ScriptFrame>): void => {
  frames[at] = { ...frames[at]!, ...change };
};

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a byte of the payload': (random, frames, at) => {
    const payload = Buffer.from(frames[at]!.payload);
    if (payload.length > 0) payload[random.next(payload.length)] = random.next(256);
    replaceAt(frames, at, { payload });
  },
  'a bit of the payload': (random, frames, at) => {
    const payload = Buffer.from(frames[at]!.payload);
    if (payload.length > 0) payload[random.next(payload.length)]! ^= 1 << random.next(8);
    replaceAt(frames, at, { payload });
  },
  'the type': (random, frames, at) => replaceAt(frames, at, { type: random.next(12) }),
  'the flags': (random, frames, at) => replaceAt(frames, at, { flags: random.next(256) }),
  'the stream': (random, frames, at) => replaceAt(frames, at, { streamId: random.next(20) }),
  'a shorter payload': (random, frames, at) => {
    const { payload } = frames[at]!;
    replaceAt(frames, at, { payload: payload.subarray(0, random.next(payload.length + 1)) });
  },
  'a longer payload': (random, frames, at) => {
    const payload = Buffer.concat([frames[at]!.payload, random.bytes(1 + random.next(20))]);
    replaceAt(frames, at, { payload });
  },
  'a frame left out': (_random, frames, at) => {
    frames.splice(at, 1);
  },
  'a frame twice': (_random, frames, at) => {
    frames.splice(at, 0, frames[at]!);
  },
  'two frames exchanged': (_random, frames, at) => {
    const other = Math.min(at + 1, frames.length - 1);
    [frames[at], frames[other]] = [frames[other]!, frames[at]!];
  },
  'a strange frame': (random, frames, at) => {
    frames.splice(at, 0, {
      type: random.next(10),
      flags: random.next(256),
      streamId: random.next(20),
      payload: random.bytes(random.next(random.pick([10, 100]))),
    });
  },
};

/** A valid script with something done to it. */
export function mutatedScript(random: Random): Script {
  const script = validScript(random);
  const mutation = random.pick(Object.keys(MUTATIONS));
  const at = random.next(script.frames.length);
  const mutatedType = script.frames[at]!.type;
  MUTATIONS[mutation]!(random, script.frames, at);
  return { ...script, mutation, mutatedType };
}

export function encodeScript(script: Script): Buffer {
  return Buffer.concat(script.frames.map((one) => frame(one.type, one.flags, one.streamId, one.payload)));
}
