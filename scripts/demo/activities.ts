// The activities of `npm run demo`. They run in the demo's process, outside the workflow sandbox.

import { activityInfo } from '@temporalio/activity';

export async function reserveGoods(item: string): Promise<string> {
  return `reservation-of-${item}`;
}

/** Fails at first, so that the demo shows a retry. */
export async function chargeCard(reservation: string): Promise<string> {
  if (activityInfo().attempt === 1) throw new Error('the bank did not answer');
  return `receipt-for-${reservation}`;
}

export async function sendMessage(text: string): Promise<string> {
  return `sent: ${text}`;
}
