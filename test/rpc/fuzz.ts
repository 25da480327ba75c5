// The fuzzer: random conversations, valid and mutated, with our transport and with node:http2 beside it as the oracle.
//
//   node test/rpc/fuzz.ts [--seconds 60] [--frames 1000000] [--seed N] [--one]
//
// A valid conversation must be served in full by both. A mutated one must end the same way on both (served on, or the
// connection ended), but for differences that are named in `KNOWN` with their reason. Ours must never say INTERNAL_ERROR
// or log an error. Every finding prints the seed that replays it: `node test/rpc/fuzz.ts --seed N --one`.

import { HpackDecoder } from '../../src/rpc/http2/hpack-decoder.ts';
import { createRpcServer, type RpcServer } from '../../src/rpc/index.ts';
import { encodeScript, mutatedScript, Random, type Script, validScript } from './fuzz-script.ts';
import { labService } from './lab-service.ts';
import { CLIENT_PREFACE, END_HEADERS, END_STREAM, FrameType, frame, RawConnection, readGoaway } from './raw-http2.ts';

const PING = Buffer.from('fuzzfuzz');
const INTERNAL_ERROR = 2;
const CALL_TIMEOUT_MS = 3000;
/** Conversations at one time. */
const PARALLEL = 16;

/** How a conversation ended on one server. */
interface Outcome {
  /** The code of GOAWAY, `closed` without one, or `open`. */
  readonly connection: string;
  /** By stream: `status N`, `reset N`, or nothing yet. */
  readonly streams: ReadonlyMap<number, string>;
  readonly messages: ReadonlyMap<number, Buffer>;
}

export interface Finding {
  readonly seed: number;
  readonly what: string;
}

/** Differences that are right, each with its reason: `ours / theirs`. */
const KNOWN: readonly { readonly difference: RegExp; readonly mutatedType?: number; readonly reason: string }[] = [
  {
    difference: /^stream status 0 \/ nothing$/,
    mutatedType: FrameType.SETTINGS,
    reason: 'the window was closed in the end: we had answered by then, node:http2 answers a few turns later',
  },
  {
    difference: /^connection open \/ 5$/,
    reason: 'DATA behind END_STREAM: RFC 9113 5.1 lets us reset the stream, nghttp2 ends the connection',
  },
  {
    difference: /^connection 5 \/ open$|^stream reset 5 \/ nothing$/,
    reason: 'HEADERS or DATA on a stream below the last one: an error by RFC 9113 5.1.1, nghttp2 drops them',
  },
  {
    difference: /^stream reset 1 \/ (status|http)/,
    reason: 'a field name that is none makes a request malformed (RFC 9113 8.2.1), nghttp2 drops the field',
  },
  {
    difference: /^stream status 0 \/ reset 1$/,
    reason: 'nghttp2 wants :authority or host, RFC 9113 8.3.1 leaves that to the server',
  },
  {
    difference: /^stream (status [1-9]\d*|http \d+) \/ (reset 1|nothing)$/,
    reason: 'we answer a request that cannot succeed before its end; what is wrong behind that is dropped',
  },
  {
    difference: /^connection open \/ 1$/,
    reason:
      'WINDOW_UPDATE of 0 on a stream is an error of the stream (RFC 9113 6.9), and what GOAWAY says of streams that a ' +
      'server did not open means nothing: nghttp2 ends the connection for both',
  },
  {
    difference: /^connection open \/ 2$/,
    reason: 'an acknowledgement of a PING that nobody sent: RFC 9113 6.7 asks nothing for it, node:http2 gives up',
  },
  {
    difference: /^connection open \/ 0$/,
    reason: 'after GOAWAY from the client node:http2 says GOAWAY too; we go on with what is open and say nothing',
  },
  {
    difference: /^stream status \d+ \/ http 4\d\d$/,
    reason: 'nghttp2 drops fields with control characters, here the content type, which we take by its beginning',
  },
  {
    difference: /^connection 1 \/ open$/,
    reason: 'padding over the length of DATA (RFC 9113 6.1): nghttp2 does not look at frames of closed streams',
  },
  {
    difference: /^stream status \d+ \/ status 13$/,
    reason: 'of repeated timeouts we take the first, node:http2 joins them to one that is malformed',
  },
  {
    difference: /^stream status 13 \/ status \d+$/,
    reason:
      'nghttp2 drops fields with control characters, RFC 9113 8.2.1 forbids NUL, CR and LF: the timeout is malformed',
  },
];

export class Fuzzer {
  readonly #servers: RpcServer[] = [];
  #ports: readonly [ours: number, theirs: number] = [0, 0];
  readonly #errors: string[] = [];
  readonly differences = new Map<string, number[]>();
  frames = 0;
  conversations = 0;

  async start(): Promise<void> {
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object, message: string) => {
        this.#errors.push(`${message} ${String((fields as { err?: unknown }).err)}`);
      },
    };
    const ports: number[] = [];
    for (const transport of ['ostinato', 'node'] as const) {
      const server = createRpcServer({ transport, host: '127.0.0.1', port: 0, methods: labService().methods, logger });
      this.#servers.push(server);
      ports.push((await server.start()).port);
    }
    this.#ports = [ports[0]!, ports[1]!];
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) await server.stop(0);
  }

  /** One conversation on both servers. */
  async run(seed: number): Promise<Finding | undefined> {
    const random = new Random(seed);
    const script = random.oneIn(3) ? validScript(random) : mutatedScript(random);
    this.frames += script.frames.length;
    this.conversations++;
    const cuts = Array.from({ length: random.next(4) }, () => random.next(1 << 16));
    const [ours, theirs] = await Promise.all(this.#ports.map((port) => converse(port, script, cuts)));
    const error = this.#errors.pop();
    if (error !== undefined) return { seed, what: `our server logged: ${error}` };
    if (ours!.connection === String(INTERNAL_ERROR)) return { seed, what: 'our server said INTERNAL_ERROR' };
    if (script.mutation === undefined) {
      const what = wrongAnswer(script, ours!) ?? wrongAnswer(script, theirs!, 'node:http2');
      return what === undefined ? undefined : { seed, what };
    }
    this.#compare(seed, script, ours!, theirs!);
    return undefined;
  }

  #compare(seed: number, script: Script, ours: Outcome, theirs: Outcome): void {
    // a call that is reset may or may not have been answered before
    const reset = new Set(script.frames.filter(({ type }) => type === FrameType.RST_STREAM).map((one) => one.streamId));
    const difference = differenceOf(ours, theirs, reset);
    if (difference === undefined) return;
    const signature = `${script.mutation} | ${script.mutatedType} | ${difference}`;
    const isKnown = KNOWN.some(
      (known) => known.difference.test(difference) && (known.mutatedType ?? script.mutatedType) === script.mutatedType,
    );
    if (isKnown) return;
    const seeds = this.differences.get(signature) ?? [];
    seeds.push(seed);
    this.differences.set(signature, seeds);
  }
}

/** What differs in kind: served on or ended, and which calls were answered. */
function differenceOf(ours: Outcome, theirs: Outcome, reset: ReadonlySet<number>): string | undefined {
  const ended = (outcome: Outcome): boolean => outcome.connection !== 'open';
  if (ended(ours) !== ended(theirs)) return `connection ${ours.connection} / ${theirs.connection}`;
  if (ended(ours)) return undefined;
  for (const streamId of new Set([...ours.streams.keys(), ...theirs.streams.keys()])) {
    if (reset.has(streamId)) continue;
    const [mine, other] = [ours.streams.get(streamId), theirs.streams.get(streamId)];
    if (mine !== other) return `stream ${mine ?? 'nothing'} / ${other ?? 'nothing'}`;
  }
  return undefined;
}

function wrongAnswer(script: Script, outcome: Outcome, who = 'ours'): string | undefined {
  if (outcome.connection !== 'open') return `${who}: a valid conversation ended with ${outcome.connection}`;
  for (const call of script.calls) {
    const got = outcome.streams.get(call.streamId);
    if (call.status !== undefined && got !== `status ${call.status}`) {
      return `${who}: stream ${call.streamId} got ${got}, not status ${call.status}`;
    }
    if (call.message !== undefined && !outcome.messages.get(call.streamId)?.subarray(5).equals(call.message)) {
      return `${who}: stream ${call.streamId} got other bytes back`;
    }
  }
  return undefined;
}

async function converse(port: number, script: Script, cuts: readonly number[]): Promise<Outcome> {
  const connection = await RawConnection.open(port);
  const bytes = Buffer.concat([CLIENT_PREFACE, encodeScript(script), frame(FrameType.PING, 0, 0, PING)]);
  let from = 0;
  for (const cut of cuts.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b)) {
    connection.write(bytes.subarray(from, cut));
    from = cut;
    await new Promise((resolve) => setImmediate(resolve));
  }
  connection.write(bytes.subarray(from));
  await settled(connection, script);
  connection.destroy();
  return outcomeOf(connection);
}

/** Until all calls are answered, the connection ends, or the server has answered three pings and has nothing more to say. */
async function settled(connection: RawConnection, script: Script): Promise<void> {
  const expected = script.calls.filter(({ status }) => status !== undefined).length;
  const end = Date.now() + CALL_TIMEOUT_MS;
  let pings = 1;
  while (!connection.closed && Date.now() < end) {
    if (connection.frames.some((one) => one.type === FrameType.GOAWAY)) return;
    const acks = connection.frames.filter((one) => one.type === FrameType.PING && (one.flags & 1) === 1).length;
    const done = connection.frames.filter(
      (one) => one.streamId > 0 && one.type <= 1 && (one.flags & END_STREAM) !== 0,
    ).length;
    if (acks === pings) {
      if (script.mutation === undefined ? done >= expected : pings === 3) return;
      if (pings < 3) {
        pings++;
        connection.write(frame(FrameType.PING, 0, 0, PING));
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function outcomeOf(connection: RawConnection): Outcome {
  const goaway = connection.frames.find((one) => one.type === FrameType.GOAWAY);
  const streams = new Map<number, string>();
  const messages = new Map<number, Buffer>();
  const decoder = new HpackDecoder();
  let block = Buffer.alloc(0);
  for (const { type, flags, streamId, payload } of connection.frames) {
    if (type === FrameType.RST_STREAM && !streams.has(streamId))
      streams.set(streamId, `reset ${payload.readUInt32BE(0)}`);
    if (type === FrameType.DATA) {
      messages.set(streamId, Buffer.concat([messages.get(streamId) ?? Buffer.alloc(0), payload]));
    }
    if (type !== FrameType.HEADERS && type !== FrameType.CONTINUATION) continue;
    block = Buffer.concat([block, payload]);
    if ((flags & END_HEADERS) === 0) continue;
    decoder.decode(block, 0, block.length, {
      addField: ({ name, value }) => {
        if (name === 'grpc-status') streams.set(streamId, `status ${value}`);
        else if (name === ':status' && value !== '200') streams.set(streamId, `http ${value}`);
      },
    });
    block = Buffer.alloc(0);
  }
  const ended = connection.closed ? 'closed' : 'open';
  return { connection: goaway === undefined ? ended : String(readGoaway(goaway).code), streams, messages };
}

if (import.meta.main) await main(process.argv.slice(2));

async function main(args: string[]): Promise<void> {
  const option = (name: string, otherwise: number): number => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : Number(args[at + 1]);
  };
  const firstSeed = option('--seed', Math.floor(Math.random() * 2 ** 31));
  const until = Date.now() + option('--seconds', args.includes('--frames') ? 1e6 : 60) * 1000;
  const maxFrames = option('--frames', Number.POSITIVE_INFINITY);
  const fuzzer = new Fuzzer();
  await fuzzer.start();
  console.log(`seed ${firstSeed}`);
  let seed = firstSeed;
  const findings: Finding[] = [];
  const loop = async (): Promise<void> => {
    do {
      const finding = await fuzzer.run(seed++);
      if (finding !== undefined) findings.push(finding);
    } while (!args.includes('--one') && Date.now() < until && fuzzer.frames < maxFrames && findings.length < 10);
  };
  await Promise.all(Array.from({ length: args.includes('--one') ? 1 : PARALLEL }, loop));
  await fuzzer.stop();
  for (const { seed: at, what } of findings) console.log(`FINDING ${what} (node test/rpc/fuzz.ts --seed ${at} --one)`);
  for (const [signature, seeds] of [...fuzzer.differences].sort((a, b) => b[1].length - a[1].length)) {
    console.log(`DIFFERENCE ${signature}: ${seeds.length}, e.g. seed ${seeds.slice(0, 3).join(', ')}`);
  }
  console.log(`${fuzzer.conversations} conversations, ${fuzzer.frames} frames`);
  if (findings.length > 0 || fuzzer.differences.size > 0) process.exitCode = 1;
}
