// `grpc-timeout`: 1 to 8 digits and a unit (grpc/doc/PROTOCOL-HTTP2.md, "Timeout"). Both transports. Main loop.

const MS_PER_UNIT: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };
const MAX_DIGITS = 8;

/** The timeout in ms, or NaN when the text is malformed. */
export function parseGrpcTimeout(text: string): number {
  const digits = text.length - 1;
  if (digits < 1 || digits > MAX_DIGITS) return Number.NaN;
  let value = 0;
  for (let i = 0; i < digits; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value * (MS_PER_UNIT[text[digits]!] ?? Number.NaN);
}
