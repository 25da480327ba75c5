// Percent-encoding of `grpc-message` (grpc/doc/PROTOCOL-HTTP2.md, "Status-Message"): printable ASCII but `%` stays, every
// other byte of the UTF-8 form becomes %XX. Both transports. Main loop.

const PLAIN = /^[\x20-\x24\x26-\x7e]*$/;

export function percentEncode(text: string): string {
  if (PLAIN.test(text)) return text;
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    if (byte >= 0x20 && byte <= 0x7e && byte !== 0x25) encoded += String.fromCharCode(byte);
    else encoded += (byte < 16 ? '%0' : '%') + byte.toString(16).toUpperCase();
  }
  return encoded;
}
