import { CallbackInfo } from '#proto/ostinato/persistence/v1';
import { Callback, type CallbackInit } from '#proto/temporal/api/common/v1';
import { CallbackState } from '#proto/temporal/api/enums/v1';

/** Completion callbacks as a run keeps them until it closes. */
export function standbyCallbacks(
  callbacks: readonly CallbackInit[],
  requestId: string,
  registrationTime: number,
): CallbackInfo[] {
  return callbacks.map((callback, index) =>
    CallbackInfo.decode(
      CallbackInfo.encode({
        callback: Callback.encode(callback),
        registrationTime,
        state: CallbackState.STANDBY,
        id: `${requestId}-${index}`,
      }),
    ),
  );
}
