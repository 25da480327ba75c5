// Certificates, keys and authorities of the static configuration, read and checked before a listener gets them. At start and at
// each reload. Main loop.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { PemSource, StaticTls } from '../../config/static-tls.ts';
import type { TlsOptions } from '../../rpc/index.ts';
import { FatalError } from '../fatal.ts';

/** What Temporal's listeners accept at least (common/auth NewEmptyTLSConfig, v1.31). */
const MIN_VERSION = 'TLSv1.2';

/** Throws FatalError that names the key and the file. */
export async function readTlsOptions(config: StaticTls): Promise<TlsOptions> {
  const { certificate, key, clientAuthorities } = config;
  const [cert, keyPem, authorities] = await Promise.all([
    read(certificate),
    read(key),
    clientAuthorities && Promise.all(clientAuthorities.map(read)),
  ]);
  const leaf = parse(certificate, 'a PEM certificate', () => new X509Certificate(cert));
  const privateKey: KeyObject = parse(key, 'a PEM private key', () => createPrivateKey(keyPem));
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new FatalError(`${name(key)} is not the key of the certificate in ${name(certificate)}`);
  }
  // A context passes over authorities that it cannot read: clients would be refused one by one, without a reason.
  clientAuthorities?.forEach((source, index) => {
    parse(source, 'a PEM certificate', () => new X509Certificate(authorities![index]!));
  });
  const options: TlsOptions = {
    cert,
    key: keyPem,
    minVersion: MIN_VERSION,
    ...(authorities === undefined ? {} : { ca: authorities, requireClientCertificate: true }),
  };
  const { requireClientCertificate: _, ...context } = options;
  parse(certificate, 'a usable certificate', () => createSecureContext(context));
  return options;
}

async function read(source: PemSource): Promise<Buffer> {
  if ('base64' in source) return Buffer.from(source.base64, 'base64');
  try {
    return await readFile(source.file);
  } catch (cause) {
    throw new FatalError(`${source.path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function parse<T>(source: PemSource, what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new FatalError(`${name(source)} is not ${what}: ${(cause as Error).message}`, { cause });
  }
}

function name(source: PemSource): string {
  return 'file' in source ? `${source.path} (${source.file})` : source.path;
}
