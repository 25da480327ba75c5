// What we read from a PostgreSQL URL ourselves. Any thread; pure.

/** The driver takes the database's name from a URL as it is; in a URL it is percent-encoded. */
export function databaseOf(url: string): { readonly database?: string } {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  return name === '' ? {} : { database: name };
}

/** Without the password: it goes into logs and error messages. */
export function redactedUrl(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  return parsed.href;
}
