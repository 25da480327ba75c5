// Resident memory per idle connection and per parked poll, from outside: RSS of the server's process before and after, with
// its garbage collected (the server does so when it is asked for its usage).

import { readFileSync } from 'node:fs';
import { RawConnection, unaryCall } from '../../../test/rpc/raw-http2.ts';

const IDLE_CONNECTIONS = 2000;
const POLL_CONNECTIONS = 200;
const POLLS_PER_CONNECTION = 100;

export async function measureMemory(
  port: number,
  pid: number,
): Promise<{ perConnection: number; perPoll: number; polls: number }> {
  // what the first connection and the first calls bring with them is not counted
  const first = await connect(port, 50);
  for (const connection of first) connection.write(unaryCall(3, '/lab.Test/Small', Buffer.alloc(300)));
  await settled(port, pid);
  const before = await settled(port, pid);
  const idle = await connect(port, IDLE_CONNECTIONS);
  const perConnection = ((await settled(port, pid)) - before) / IDLE_CONNECTIONS;
  for (const connection of idle) connection.destroy();

  const pollers = await connect(port, POLL_CONNECTIONS);
  const unparked = await settled(port, pid);
  for (const connection of pollers) {
    const calls: Buffer[] = [];
    for (let i = 0; i < POLLS_PER_CONNECTION; i++) {
      calls.push(unaryCall(3 + 2 * i, '/lab.Test/Park', Buffer.alloc(300), [['grpc-timeout', '70S']]));
    }
    connection.write(...calls);
  }
  const polls = POLL_CONNECTIONS * POLLS_PER_CONNECTION;
  while ((await usage(port)).parked < polls) await new Promise((resolve) => setTimeout(resolve, 20));
  const perPoll = ((await settled(port, pid)) - unparked) / polls;
  for (const connection of [...first, ...pollers]) connection.destroy();
  return { perConnection, perPoll, polls };
}

/** Connections that made one call each, as a client does that waits now. */
async function connect(port: number, count: number): Promise<RawConnection[]> {
  const connections: RawConnection[] = [];
  for (let opened = 0; opened < count; opened += 100) {
    const batch = await Promise.all(
      Array.from({ length: Math.min(100, count - opened) }, () => RawConnection.start(port)),
    );
    for (const connection of batch) connection.write(unaryCall(1, '/lab.Test/Small', Buffer.alloc(300)));
    await Promise.all(batch.map((connection) => connection.reply(1)));
    connections.push(...batch);
  }
  return connections;
}

/** The server's resident memory in bytes, after its collector ran a few times. */
async function settled(port: number, pid: number): Promise<number> {
  for (let i = 0; i < 3; i++) await usage(port);
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}

async function usage(port: number): Promise<{ parked: number }> {
  const connection = await RawConnection.start(port);
  connection.write(unaryCall(1, '/lab.Test/Usage', Buffer.alloc(0)));
  const reply = await connection.reply(1, 30_000);
  connection.destroy();
  return JSON.parse(reply.subarray(5).toString()) as { parked: number };
}
