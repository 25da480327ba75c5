/** A value now or later. Synchronous stores answer at once, asynchronous ones with a promise; callers serve both with one path. */
export type MaybePromise<T> = T | Promise<T>;

/** Continues in the same turn when the value is there already, so that the embedded store pays for no microtask. */
export function whenReady<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** `action` with a handler for its error, whether it is thrown at once or comes later. */
export function caught<T>(action: () => MaybePromise<T>, failed: (error: Error) => MaybePromise<T>): MaybePromise<T> {
  try {
    const value = action();
    return value instanceof Promise ? value.catch(failed) : value;
  } catch (error) {
    return failed(error as Error);
  }
}
