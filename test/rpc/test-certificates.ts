// Certificates for TLS tests, made by the system's openssl at first use: an authority, a server and a client of it. Kept in a
// fresh temporary folder; nothing secret is committed.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Identity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface TestCertificates {
  readonly folder: string;
  readonly ca: Buffer;
  readonly server: Identity;
  /** Another certificate of the server's, to change to while it runs. */
  readonly renewed: Identity;
  readonly client: Identity;
}

let made: TestCertificates | undefined;

export async function testCertificates(): Promise<TestCertificates> {
  made ??= make();
  return made;
}

function make(): TestCertificates {
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-tls-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=lab authority');
  const issue = (name: string, subject: string): Identity => {
    writeFileSync(at(`${name}.ext`), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-out',
      `${name}.pem`,
      '-extfile',
      `${name}.ext`,
    );
    return { cert: readFileSync(at(`${name}.pem`)), key: readFileSync(at(`${name}.key`)) };
  };
  return {
    folder,
    server: issue('server', '/CN=localhost/O=first'),
    renewed: issue('renewed', '/CN=localhost/O=second'),
    client: issue('client', '/CN=some worker/O=lab'),
    ca: readFileSync(at('ca.pem')),
  };
}
