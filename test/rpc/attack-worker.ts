// Runs one attack of attacks.ts in a worker thread and posts its result. Started by abuse.test.ts.

import { parentPort, workerData } from 'node:worker_threads';
import { attack } from './attacks.ts';

const { name, port, ms } = workerData as { name: string; port: number; ms: number };
parentPort!.postMessage(await attack(name, port, ms));
