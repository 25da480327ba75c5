// What a client gets that speaks HTTP/1 to the gRPC port: an answer it understands, instead of a binary one or silence.
// (RFC 9113 section 3.4 leaves what follows an invalid preface to the server.) Main loop.

const REQUEST_LINE = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT) /;
const BODY = 'This port speaks gRPC over HTTP/2. HTTP/1 is not served here.\n';
const ANSWER =
  'HTTP/1.1 400 Bad Request\r\n' +
  'content-type: text/plain; charset=utf-8\r\n' +
  `content-length: ${Buffer.byteLength(BODY)}\r\n` +
  'connection: close\r\n\r\n' +
  BODY;

/** The answer, if what came first on the connection is the start of an HTTP/1 request. */
export function http1Answer(firstBytes: Buffer): string | undefined {
  return REQUEST_LINE.test(firstBytes.toString('latin1', 0, 16)) ? ANSWER : undefined;
}
