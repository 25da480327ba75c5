// SETTINGS (RFC 9113 section 6.5): what we announce, and what the peer's values must be. Main loop.

import type { RpcLimits } from '../limits.ts';
import { ConnectionError, ErrorCode } from './errors.ts';
import { MAX_WINDOW, STREAM_WINDOW_BYTES } from './flow-control.ts';
import { encodeFrame, FrameType, readUint32, writeUint32 } from './frame.ts';

export const Setting = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
} as const;

const SETTING_BYTES = 6;
const MIN_MAX_FRAME_BYTES = 1 << 14;
const MAX_MAX_FRAME_BYTES = (1 << 24) - 1;

/** Our SETTINGS frame. HEADER_TABLE_SIZE and MAX_FRAME_SIZE stay at their defaults. */
export function ownSettings(limits: RpcLimits): Buffer {
  const values: readonly (readonly [number, number])[] = [
    [Setting.MAX_CONCURRENT_STREAMS, limits.maxStreamsPerConnection],
    [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW_BYTES],
    [Setting.MAX_HEADER_LIST_SIZE, limits.maxHeaderListBytes],
  ];
  const payload = Buffer.alloc(values.length * SETTING_BYTES);
  for (const [i, [id, value]] of values.entries()) {
    payload.writeUInt16BE(id, i * SETTING_BYTES);
    writeUint32(payload, i * SETTING_BYTES + 2, value);
  }
  return encodeFrame(FrameType.SETTINGS, 0, 0, payload);
}

/** Calls `apply` for each setting in order (RFC 9113 6.5.3), after its value was checked (6.5.2). Unknown ones too. */
export function readSettings(
  bytes: Uint8Array,
  at: number,
  length: number,
  apply: (id: number, value: number) => void,
) {
  if (length % SETTING_BYTES !== 0) throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'SETTINGS length');
  for (let i = at; i < at + length; i += SETTING_BYTES) {
    const id = (bytes[i]! << 8) | bytes[i + 1]!;
    const value = readUint32(bytes, i + 2);
    if (id === Setting.ENABLE_PUSH && value > 1) throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'ENABLE_PUSH');
    if (id === Setting.INITIAL_WINDOW_SIZE && value > MAX_WINDOW) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, 'INITIAL_WINDOW_SIZE');
    }
    if (id === Setting.MAX_FRAME_SIZE && (value < MIN_MAX_FRAME_BYTES || value > MAX_MAX_FRAME_BYTES)) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'MAX_FRAME_SIZE');
    }
    apply(id, value);
  }
}
