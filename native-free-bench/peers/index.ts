// The servers that a comparison can start by name.

import { startDbos } from './dbos.ts';
import { startOstinato } from './ostinato.ts';
import type { StartedPeer } from './peer.ts';
import type { SharedPostgres } from './postgres.ts';
import { startRestate } from './restate.ts';
import { startTemporal } from './temporal.ts';

export { exitOnSignals, PeerUnavailable, type StartedPeer } from './peer.ts';
export { SharedPostgres } from './postgres.ts';

export const PEERS = [
  'ostinato-sqlite',
  'ostinato-postgres',
  'temporal-sqlite',
  'temporal-sqlite-wal',
  'temporal-postgres',
  'restate',
  'dbos-postgres',
] as const;

export interface PeerRequest {
  readonly name: string;
  /** One of PEERS, or `ostinato-<store>@<checkout or executable>` for another version of ours. */
  readonly kind: string;
  readonly serverFlags: readonly string[];
  readonly nodeFlags: readonly string[];
}

export async function startPeer(request: PeerRequest, postgres: SharedPostgres): Promise<StartedPeer> {
  const { name, kind, serverFlags, nodeFlags } = request;
  const [peer = '', checkout] = kind.split('@');
  const on = peer.endsWith('-postgres') ? postgres : undefined;
  switch (peer) {
    case 'ostinato-sqlite':
    case 'ostinato-postgres':
      return startOstinato({ name, postgres: on, checkout, flags: serverFlags, nodeFlags });
    case 'temporal-sqlite':
    case 'temporal-postgres':
      return startTemporal({ name, postgres: on });
    case 'temporal-sqlite-wal':
      return startTemporal({ name, postgres: undefined, pragmas: { journal_mode: 'wal' } });
    case 'restate':
      return startRestate(name);
    case 'dbos-postgres':
      return startDbos(name, postgres);
    default:
      throw new Error(`no peer ${kind}: there are ${PEERS.join(', ')}`);
  }
}
