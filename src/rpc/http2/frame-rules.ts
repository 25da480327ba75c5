// What makes a frame well-formed by itself, whatever the state of the connection (RFC 9113 section 6): lengths, and whether it
// belongs on a stream. Checked before anything is done about a frame. Main loop.

import { ConnectionError, ErrorCode } from './errors.ts';
import { Flag, FrameType, readUint31 } from './frame.ts';

/** Throws on a frame that is wrong by itself. Padding and priority are checked where they are read. */
export function assertWellFormed(type: number, length: number, flags: number, streamId: number): void {
  switch (type) {
    case FrameType.DATA: // 6.1
      if (streamId === 0) throw onWrongStream('DATA');
      break;
    case FrameType.PRIORITY: // 6.3
      if (streamId === 0) throw onWrongStream('PRIORITY');
      if (length !== 5) throw ofWrongSize('PRIORITY');
      break;
    case FrameType.RST_STREAM: // 6.4
      if (length !== 4) throw ofWrongSize('RST_STREAM');
      if (streamId === 0) throw onWrongStream('RST_STREAM');
      break;
    case FrameType.SETTINGS: // 6.5
      if (streamId !== 0) throw onWrongStream('SETTINGS');
      if ((flags & Flag.ACK) !== 0 && length !== 0) throw ofWrongSize('SETTINGS ACK');
      break;
    case FrameType.PUSH_PROMISE: // 8.4: a client cannot push
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'PUSH_PROMISE from a client');
    case FrameType.PING: // 6.7
      if (length !== 8) throw ofWrongSize('PING');
      if (streamId !== 0) throw onWrongStream('PING');
      break;
    case FrameType.GOAWAY: // 6.8
      if (streamId !== 0) throw onWrongStream('GOAWAY');
      if (length < 8) throw ofWrongSize('GOAWAY');
      break;
    case FrameType.WINDOW_UPDATE: // 6.9
      if (length !== 4) throw ofWrongSize('WINDOW_UPDATE');
      break;
    default: // HEADERS and CONTINUATION have rules that depend on what came before; unknown types have none
  }
}

/** RFC 7540 5.3.1, which RFC 9113 has withdrawn: no client that works does it, and h2spec still asks. */
export function assertOtherDependency(bytes: Uint8Array, at: number, streamId: number): void {
  if (readUint31(bytes, at) === streamId) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'a stream that depends on itself');
  }
}

/** Where a padded payload ends (6.1, 6.2): the first byte says how much padding follows at the end. */
export function paddedEnd(bytes: Uint8Array, at: number, length: number): number {
  if (length === 0) throw ofWrongSize('padded frame');
  const end = at + length - bytes[at]!;
  if (end <= at) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'more padding than payload');
  return end;
}

function onWrongStream(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, `${what} on the wrong stream`);
}

function ofWrongSize(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `${what} of a wrong length`);
}
