// The path under which a proxy shows the Web UI: everything is asked for below it, and answered without it too, for the proxy may have
// taken it off. Main loop.

/** Undefined: the URL is not below the path. `publicPath` is '' or begins with a slash and does not end with one. */
export function belowPublicPath(url: string, publicPath: string): string | undefined {
  if (publicPath === '') return url;
  if (!url.startsWith(publicPath)) return undefined;
  const rest = url.slice(publicPath.length);
  if (rest.startsWith('/')) return rest;
  return rest === '' || rest.startsWith('?') ? `/${rest}` : undefined;
}
