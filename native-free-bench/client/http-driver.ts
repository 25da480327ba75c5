// Drives a server whose durable functions are called over HTTP: each operation is a POST that is answered when the function is
// done. Connections are kept.

import { Agent, request } from 'node:http';
import { type Driver, Failures } from '../load/driver.ts';
import type { LatencySink } from '../load/figures.ts';
import { INPUT } from '../workloads/commands.ts';

const BODY = Buffer.from(JSON.stringify(INPUT));

export class HttpDriver implements Driver {
  readonly failures = new Failures();
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: Number.POSITIVE_INFINITY });

  constructor(url: string) {
    this.#url = new URL(url);
  }

  async operate(intendedAtMs: number, figures: LatencySink): Promise<void> {
    await this.#post();
    figures.record('endToEnd', performance.now() - intendedAtMs);
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': BODY.length };
      const call = request(this.#url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        response.on('error', reject);
        response.resume();
        response.on('end', () => {
          if (response.statusCode === 200) resolve();
          else reject(new Error(`${this.#url.href} answered ${response.statusCode}`));
        });
      });
      call.on('error', reject);
      call.end(BODY);
    });
  }
}
