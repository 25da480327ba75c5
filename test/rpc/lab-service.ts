// The methods that transport tests call: echo, large replies, parked polls, errors, streams. Raw bytes, no protobuf. Used
// by the suite, the abuse and interop runners, h2spec and the benchmarks.

import type { MethodHandler, MethodTable, ServerCall, UnaryHandler } from '../../src/rpc/index.ts';
import { GrpcCode, rpcStatus } from '../../src/rpc/index.ts';

export const LAB = '/lab.Test/';
export const BIG_REPLY = Buffer.alloc(1 << 20, 0x42);
export const SMALL_REPLY = Buffer.alloc(60, 0x41);
export const FAIL_MESSAGE = 'nicht gefunden: ü 100% – 日本\n';

export interface LabState {
  /** Calls of `Park` that nobody answered yet. */
  readonly parked: Set<ServerCall>;
  /** How many calls were cancelled while parked. */
  cancelled: number;
  /** How often any handler ran. */
  invoked: number;
}

export function labService(): { methods: MethodTable; state: LabState } {
  const state: LabState = { parked: new Set(), cancelled: 0, invoked: 0 };
  const methods = new Map<string, MethodHandler>();
  const unary = (name: string, handle: UnaryHandler): void => {
    methods.set(LAB + name, {
      kind: 'unary',
      handle: (call, message) => {
        state.invoked++;
        handle(call, message);
      },
    });
  };
  unary('Echo', (call, message) => call.respond(Buffer.from(message)));
  unary('Small', (call) => call.respond(SMALL_REPLY));
  unary('Big', (call) => call.respond(BIG_REPLY));
  unary('BigLater', (call) => {
    setTimeout(() => call.respond(BIG_REPLY), 20);
  });
  unary('Empty', (call) => call.respond(Buffer.alloc(0)));
  unary('Later', (call) => {
    setTimeout(() => call.respond(SMALL_REPLY), 1 + Math.random() * 5);
  });
  unary('Park', (call) => {
    state.parked.add(call);
    call.onCancel(() => {
      state.parked.delete(call);
      state.cancelled++;
    });
  });
  unary('Fail', (call) =>
    call.fail(
      rpcStatus(GrpcCode.NOT_FOUND, FAIL_MESSAGE, [{ typeName: 'lab.Detail', value: Uint8Array.of(0, 255, 128, 7) }]),
    ),
  );
  unary('Throw', () => {
    throw new Error('a handler that throws');
  });
  unary('Metadata', (call, message) => {
    const name = Buffer.from(message).toString();
    call.setHeader('x-answer', 'forty two');
    call.respond(Buffer.from(JSON.stringify(call.metadata.getAll(name))));
  });
  unary('Peer', (call) => {
    const subject = call.peer.certificate?.subject;
    call.respond(Buffer.from(JSON.stringify({ address: call.peer.address, subject })));
  });
  unary('Deadline', (call) => call.respond(Buffer.from(String(Math.round(call.deadlineMs - performance.now())))));
  /** Streams as many messages as the request says (4 bytes), of as many bytes as it says (4 bytes), at the peer's pace. */
  unary('Count', (call, message) => {
    const view = Buffer.from(message);
    const count = view.readUInt32BE(0);
    const payload = Buffer.alloc(Math.max(4, view.readUInt32BE(4)));
    let sent = 0;
    const pump = (): void => {
      while (sent < count && !call.cancelled) {
        const next = Buffer.from(payload);
        next.writeUInt32BE(sent++, 0);
        if (!call.write(next)) break;
      }
      if (sent >= count) call.end();
    };
    call.onDrain(pump);
    call.onCancel(() => state.cancelled++);
    pump();
  });
  unary('CountThenFail', (call) => {
    call.write(SMALL_REPLY);
    call.fail(rpcStatus(GrpcCode.ABORTED, 'after a message'));
  });
  unary('Medium', (call) => call.respond(BIG_REPLY.subarray(0, 10_000)));
  unary('FailLong', (call) => call.fail({ code: GrpcCode.ABORTED, message: 'long', details: Buffer.alloc(30_000, 7) }));
  unary('WriteThenRespond', (call) => {
    call.write(SMALL_REPLY);
    call.respond(SMALL_REPLY);
  });
  for (const at of ['Start', 'Message', 'End']) {
    const throwAt = (now: string): void => {
      if (now === at) throw new Error(`a handler that throws at ${at}`);
    };
    methods.set(`${LAB}ThrowAt${at}`, {
      kind: 'stream',
      handle: () => {
        throwAt('Start');
        return { onMessage: () => throwAt('Message'), onEnd: () => throwAt('End') };
      },
    });
  }
  methods.set(LAB + 'Chat', {
    kind: 'stream',
    handle: (call) => ({
      onMessage: (message) => {
        call.write(Buffer.from(message));
      },
      onEnd: () => call.end(),
    }),
  });
  return { methods, state };
}
