/** The whole of a text, with `*` for any part of it. */
export function wildcardPattern(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split('*')
      .map((literal) => RegExp.escape(literal))
      .join('.*')}$`,
  );
}
