// Which Temporal Server this one behaves as, and which clients it serves: SDKs and the CLI decide by these. Temporal 1.31
// common/headers/version_checker.go.

/** The version whose behaviour we follow. */
export const SERVER_VERSION = '1.31.2';

/** Client name to the range of its versions. */
export const SUPPORTED_CLIENTS: ReadonlyMap<string, string> = new Map([
  ['temporal-go', '<2.0.0'],
  ['temporal-java', '<2.0.0'],
  ['temporal-php', '<2.0.0'],
  ['temporal-typescript', '<2.0.0'],
  ['temporal-cli', '<2.0.0'],
  ['temporal-server', '<2.0.0'],
  ['temporal-ui', '<3.0.0'],
  ['Nexus-go-sdk', '<2.0.0'],
]);
