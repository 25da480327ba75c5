// What heating leaves behind must not reach the disk while latencies are measured: Linux writes dirty pages 30 s later, 280 MB of them after
// 20 s of full load, and the database waits behind them for its log. A database that has not had a checkpoint yet also has no old
// log segments to use again, as one in service does.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Writes out what the databases have in memory, and then whatever the system has for any disk. */
export async function writeOut(databaseUrls: readonly string[]): Promise<void> {
  for (const url of databaseUrls) {
    const { default: postgres } = await import('postgres');
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    await sql`checkpoint`;
    await sql.end();
  }
  // Where there is no such command, nothing else of ours works that reads what a server uses.
  await promisify(execFile)('sync').catch(() => {});
}
