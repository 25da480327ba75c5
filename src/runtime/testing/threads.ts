// Starts threads that run echo-thread.ts, for the runtime's tests and benchmarks.

import { type Logger, silentLogger } from '../../metrics/logger.ts';
import { createBells } from '../doorbell.ts';
import { createPollBoard } from '../poll-board.ts';
import { createThreadContext, type ThreadContext } from '../thread-context.ts';
import { createThreadLoads } from '../thread-loads.ts';
import { ThreadSupervisor } from '../thread-supervisor.ts';
import { planTopology } from '../topology.ts';

export interface EchoThreads extends ThreadContext {
  readonly supervisor: ThreadSupervisor;
  readonly lines: string[];
  stop(): Promise<void>;
}

export async function startEchoThreads(settings: object = {}, logger: Logger = silentLogger): Promise<EchoThreads> {
  const topology = planTopology({ historyThreads: 2, shardCount: 4, storePartitions: 2 });
  const bells = createBells(topology.threads.length);
  const pollBoard = createPollBoard();
  const loads = createThreadLoads(topology.threads.length);
  const context = createThreadContext({ thread: 0, topology, bells, pollBoard, loads, logger });
  const lines: string[] = [];
  const supervisor = new ThreadSupervisor({
    topology,
    entry: () => ({ url: new URL('./echo-thread.ts', import.meta.url) }),
    bells,
    pollBoard,
    loads,
    hub: context.hub,
    clock: context.clock,
    logger,
    logLevel: 20,
    writeLine: (line) => lines.push(line),
    settings,
  });
  context.hub.start();
  const stop = async () => {
    await supervisor.stop(1_000);
    context.hub.stop();
  };
  try {
    await supervisor.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...context, supervisor, lines, stop };
}
