// Resident memory per idle connection and per parked poll, from outside: RSS of the server's process before and after, with
// its garbage collected (the server does so when it is asked for its usage). The young generation is kept at 1 MiB: it grows
// with what was allocated lately, by a multiple of what is held.

import { readFileSync } from 'node:fs';
import { LAB, LoadConnection, REQUEST } from './load-connection.ts';

const IDLE_CONNECTIONS = 4000;
const POLL_CONNECTIONS = 200;
const POLLS_PER_CONNECTION = 100;
const POLLS = POLL_CONNECTIONS * POLLS_PER_CONNECTION;

/** Bytes for each of 4,000 idle connections, or for each of 20,000 polls on 200 connections. */
export async function measureMemory(
  port: number,
  pid: number,
  what: 'idle connection' | 'parked poll',
): Promise<number> {
  // what the first connections and calls bring with them is not counted
  const connections = await connect(port, POLL_CONNECTIONS);
  await settled(port, pid);
  const before = await settled(port, pid);
  if (what === 'idle connection') {
    connections.push(...(await connect(port, IDLE_CONNECTIONS)));
  } else {
    for (const connection of connections) {
      for (let i = 0; i < POLLS_PER_CONNECTION; i++) connection.call(`${LAB}Park`, REQUEST, () => undefined);
    }
    while ((await usage(port)).parked < POLLS) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const grown = (await settled(port, pid)) - before;
  for (const connection of connections) connection.socket.destroy();
  return grown / (what === 'idle connection' ? IDLE_CONNECTIONS : POLLS);
}

/** Connections that made one call each, as a client does that waits now. */
async function connect(port: number, count: number): Promise<LoadConnection[]> {
  const connections: LoadConnection[] = [];
  for (let opened = 0; opened < count; opened += 100) {
    const batch = Array.from({ length: Math.min(100, count - opened) }, () => new LoadConnection(port));
    await Promise.all(batch.map((connection) => call(connection, 'Small')));
    connections.push(...batch);
  }
  return connections;
}

function call(connection: LoadConnection, method: string): Promise<Buffer> {
  return new Promise((resolve) => connection.call(LAB + method, REQUEST, resolve));
}

/** The server's resident memory in bytes, after its collector ran a few times. */
async function settled(port: number, pid: number): Promise<number> {
  for (let i = 0; i < 3; i++) await usage(port);
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;
}

async function usage(port: number): Promise<{ parked: number }> {
  const connection = new LoadConnection(port);
  const reply = await call(connection, 'Usage');
  connection.socket.destroy();
  return JSON.parse(reply.toString()) as { parked: number };
}
