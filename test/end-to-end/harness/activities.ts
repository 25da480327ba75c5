// Activities of the SDK scenarios.

import { ApplicationFailure, activityInfo, CompleteAsyncError, cancelled, heartbeat } from '@temporalio/activity';

export async function echo(text: string): Promise<string> {
  return text;
}

/** Fails until it was tried `times` times before. */
export async function failTimes(times: number): Promise<string> {
  const { attempt } = activityInfo();
  if (attempt <= times) throw new Error(`attempt ${attempt}`);
  return `succeeded at attempt ${attempt}`;
}

export async function failFatally(message: string): Promise<never> {
  throw ApplicationFailure.nonRetryable(message, 'Fatal', { detail: 1 });
}

export async function heartbeatUntilCancelled(): Promise<void> {
  const timer = setInterval(() => heartbeat('alive'), 100);
  try {
    await cancelled();
  } finally {
    clearInterval(timer);
  }
}

export async function slow(milliseconds: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return `took ${milliseconds}`;
}

/** Left open: somebody else completes it by id. */
export async function completeLater(): Promise<string> {
  throw new CompleteAsyncError();
}
