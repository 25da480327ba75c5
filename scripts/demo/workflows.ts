// The workflows of `npm run demo`: an order that is paid (at the second try), waits for its address and its parcel, and sends a
// message through a child workflow.

import {
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type * as activities from './activities.ts';

const { reserveGoods, chargeCard, sendMessage } = proxyActivities<typeof activities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '200ms' },
});

export const parcelPickedUp = defineSignal<[string]>('parcelPickedUp');
export const setAddress = defineUpdate<string, [string]>('setAddress');
export const progress = defineQuery<string>('progress');

export async function order(item: string): Promise<string> {
  let step = 'reserving';
  let address = '';
  let carrier = '';
  setHandler(progress, () => step);
  setHandler(parcelPickedUp, (who) => {
    carrier = who;
  });
  setHandler(
    setAddress,
    (text) => {
      address = text;
      return `to ${address}`;
    },
    {
      validator: (text) => {
        if (text === '') throw new Error('an address is not empty');
      },
    },
  );
  const reservation = await reserveGoods(item);
  step = 'charging';
  await chargeCard(reservation);
  step = 'waiting for the address and the parcel';
  await condition(() => address !== '' && carrier !== '');
  step = 'under way';
  await sleep('500ms');
  step = 'telling the customer';
  await executeChild(notifyCustomer, { workflowId: `${workflowInfo().workflowId}-message`, args: [address] });
  step = 'done';
  return `${item} delivered to ${address} by ${carrier}`;
}

export async function notifyCustomer(address: string): Promise<string> {
  return await sendMessage(`Your order has arrived at ${address}.`);
}
