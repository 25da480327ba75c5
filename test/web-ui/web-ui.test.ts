// `npm run web-ui-test`: Temporal's own Web UI in a real browser on a server with runs in every state. Every page shows what it should,
// nothing that it asks for fails, and nothing goes wrong in it. Needs the UI's files (`npm run web-ui`) and a Chromium; says so when
// it has none. OSTINATO_SCREENSHOTS=folder keeps pictures.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { WEB_UI_FOLDER } from '../../src/cli/web-ui-assets.ts';
import { ServerProcess } from '../server/server-process.ts';
import { Browser, findBrowser, type Page } from './browser.ts';
import { type Run, type Scene, setScene, TASK_QUEUE } from './scene.ts';

const executable = findBrowser();
const missing = !existsSync(join(WEB_UI_FOLDER, 'index.html'))
  ? "no files of the Web UI: 'npm run web-ui' installs them"
  : executable === undefined
    ? 'no Chromium on this machine'
    : undefined;
const options = missing === undefined ? { timeout: 120_000 } : { skip: missing };
const screenshots = process.env.OSTINATO_SCREENSHOTS;

let server: ServerProcess;
let base: string;
let scene: Scene;
let browser: Browser;

before(async () => {
  if (missing !== undefined) return;
  if (screenshots !== undefined) mkdirSync(screenshots, { recursive: true });
  [server, base] = await serve('--dynamic-config-value', 'activity.enableStandalone=true');
  scene = await setScene(await server.ready());
  browser = await Browser.start(executable as string);
});
after(async () => {
  await browser?.stop();
  await scene?.stop();
  await server?.stop();
});

async function serve(...flags: string[]): Promise<[ServerProcess, string]> {
  const started = new ServerProcess(['start-dev', '--port', '0', '--ui-disable-news-fetch', ...flags]);
  await started.ready();
  return [started, /Web UI:\s+(\S+)/.exec(started.stdout)?.[1] as string];
}

interface Expected {
  /** Requests that may fail: of `METHOD path status`. */
  readonly failures?: RegExp;
  readonly errors?: RegExp;
}

/** Opens a page, has it looked at, and holds it to be without a fault. */
async function onPage(
  context: TestContext,
  path: string,
  look: (page: Page) => Promise<unknown>,
  { failures, errors }: Expected = {},
): Promise<void> {
  const page = await browser.openPage();
  try {
    await page.open(path.startsWith('http') ? path : base + path);
    await look(page);
    if (screenshots !== undefined)
      await page.screenshot(join(screenshots, `${context.name.replaceAll(/\W+/g, '-')}.png`));
    const failed = page.failed.map(({ method, url, status }) => `${method} ${new URL(url).pathname} ${status}`);
    assert.deepEqual(
      failed.filter((line) => failures?.test(line) !== true),
      [],
    );
    assert.deepEqual(
      page.errors.filter((line) => errors?.test(line) !== true),
      [],
    );
  } finally {
    await page.close();
  }
}

const NAMESPACE = '/namespaces/default';
const ofRun = ({ workflowId, runId }: Run, tab: string) =>
  `${NAMESPACE}/workflows/${encodeURIComponent(workflowId)}/${runId}/${tab}`;

test('the list of workflows is the first page, with counts by status', options, async (context) => {
  await onPage(context, '/', async (page) => {
    await page.shows([/\d Workflows/, 'COMPLETED', 'TERMINATED', scene.finished.runId, scene.unserved.workflowId]);
    assert.match(String(await page.evaluate('location.pathname')), /^\/namespaces\/default\/workflows$/);
  });
});

test('a list query filters', options, async (context) => {
  const query = encodeURIComponent('`WorkflowType`="notifyCustomer"');
  await onPage(context, `${NAMESPACE}/workflows?query=${query}`, (page) =>
    page.shows(['1 Workflow', 'order-finished-message']),
  );
});

test('the namespaces and what one of them is set to', options, async (context) => {
  await onPage(context, '/namespaces', (page) => page.shows(['Namespaces', 'default']));
  await onPage(context, NAMESPACE, (page) => page.shows(['Retention Period 1 day', 'Temporal Server Version 1.31.2']));
});

test('a finished run shows its input, its result and its time line', options, async (context) => {
  await onPage(context, ofRun(scene.finished, 'timeline'), (page) =>
    page.shows([
      'COMPLETED',
      '"a metronome"',
      '"a metronome delivered to 1 Main Street by the carrier"',
      'Typescript 1.24.0',
    ]),
  );
});

test('its history shows every event', options, async (context) => {
  const { events } = await scene.client.workflow.getHandle(scene.finished.workflowId).fetchHistory();
  await onPage(context, ofRun(scene.finished, 'history'), async (page) => {
    await page.shows([
      `Event History ${events?.length}`,
      'Workflow Execution Completed',
      'Child Workflow Execution Completed',
    ]);
    await page.click('Compact');
    await page.shows(['chargeCard', 'setAddress']);
    await page.click('JSON');
    await page.shows(['"eventType": "']);
    // The UI keeps the choice for the pages to come.
    await page.click('All');
    await page.shows(['Child Workflow Execution Completed']);
  });
});

test('a history can be kept as JSON', options, async () => {
  const path = `/api/v1/namespaces/default/workflows/${scene.finished.workflowId}/run/${scene.finished.runId}/history.json`;
  const events = (await (await fetch(base + path)).json()) as readonly { readonly eventType: string }[];
  assert.equal(events.at(0)?.eventType, 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED');
  assert.equal(events.at(-1)?.eventType, 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED');
});

test('its child is among its relationships', options, async (context) => {
  await onPage(context, ofRun(scene.finished, 'relationships'), (page) => page.shows(['order-finished-message']));
});

test('a waiting run is queried through its worker', options, async (context) => {
  await onPage(context, ofRun(scene.waiting, 'call-stack'), (page) => page.shows(['at order (']));
  await onPage(context, ofRun(scene.waiting, 'query'), async (page) => {
    await page.shows(['Query Type']);
    await page.becomes(`[...document.querySelectorAll('input')].some((input) => input.value === 'progress')`);
    await page.click('Run Query');
    await page.shows(['waiting for the address and the parcel']);
  });
});

test('summary and details are rendered, and nothing in them runs', options, async (context) => {
  await onPage(context, ofRun(scene.waiting, 'user-metadata'), async (page) => {
    await page.shows(['Summary', 'Details']);
    const frames = `[...document.querySelectorAll('iframe')].map((frame) => frame.contentDocument?.body?.innerHTML ?? '').join()`;
    for (const html of ['An order of <strong>one</strong> metronome', '<h1>Order</h1>', '<code>gift</code>']) {
      await page.becomes(`${frames}.includes(${JSON.stringify(html)})`);
    }
    assert.doesNotMatch(String(await page.evaluate(frames)), /<script/);
  });
});

test('memo and search attributes of a run', options, async (context) => {
  await onPage(context, ofRun(scene.waiting, 'memo'), (page) => page.shows(['customer', 'Ada']));
  await onPage(context, ofRun(scene.waiting, 'search-attributes'), (page) => page.shows(['BuildIds']));
});

test('a run whose id has everything in it that a path gives a meaning', options, async (context) => {
  await onPage(context, ofRun(scene.unserved, 'timeline'), (page) =>
    page.shows([scene.unserved.workflowId, 'RUNNING', 'nobody', 'No workers polling']),
  );
});

test('a run whose workflow task fails shows why', options, async (context) => {
  await onPage(
    context,
    ofRun(scene.failing, 'timeline'),
    (page) => page.shows(['Workflow Task Failed', 'no such function is exported by the workflow bundle']),
    // It is asked for its metadata, and a run that never got anywhere cannot answer.
    { failures: /^POST .*\/query\/__temporal_workflow_metadata 400$/ },
  );
});

test('a page follows its run as it goes on', options, async (context) => {
  const { client } = scene;
  const handle = await client.workflow.start('order', {
    workflowId: 'order-followed',
    taskQueue: TASK_QUEUE,
    args: ['a bell'],
  });
  const run = { workflowId: handle.workflowId, runId: handle.firstExecutionRunId };
  await onPage(context, ofRun(run, 'history'), async (page) => {
    await page.shows(['RUNNING', 'Activity Task Completed']);
    await handle.signal('parcelPickedUp', 'somebody');
    await page.shows(['Workflow Execution Signaled']);
    await handle.executeUpdate('setAddress', { args: ['2 Main Street'] });
    await page.shows(['COMPLETED', '"a bell delivered to 2 Main Street by somebody"']);
  });
});

test('a run is cancelled and another one terminated from its page', options, async (context) => {
  const { client } = scene;
  const start = async (workflowId: string) => {
    const handle = await client.workflow.start('order', { workflowId, taskQueue: TASK_QUEUE, args: ['a drum'] });
    return { workflowId, runId: handle.firstExecutionRunId };
  };
  await onPage(context, ofRun(await start('to-cancel'), 'timeline'), async (page) => {
    await page.shows(['RUNNING']);
    await page.click('Request Cancellation');
    await page.shows(['Are you sure you want to cancel this workflow']);
    await page.click('Confirm');
    await page.shows(['CANCELED']);
  });
  await onPage(context, ofRun(await start('to-terminate'), 'timeline'), async (page) => {
    await page.shows(['RUNNING']);
    await page.click('More Actions');
    await page.click('Terminate');
    await page.shows(['Terminate Workflow']);
    await page.click('Terminate');
    await page.shows(['TERMINATED']);
  });
  const cancelled = await client.workflow.getHandle('to-cancel').describe();
  assert.equal(cancelled.status.name, 'CANCELLED');
});

test('a task queue shows its worker', options, async (context) => {
  await onPage(context, `${NAMESPACE}/task-queues/${TASK_QUEUE}`, (page) =>
    page.shows([TASK_QUEUE, `${process.pid}@`, '@temporalio/worker@1.24.0']),
  );
});

test('an activity without a workflow is listed and shown', options, async (context) => {
  const activity = { activityType: { name: 'alone' }, taskQueue: { name: 'nobody' }, startToCloseTimeout: '60s' };
  const started = await fetch(`${base}/api/v1${NAMESPACE}/activities/activity-1`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ ...activity, requestId: 'one' }),
  });
  const { runId } = (await started.json()) as { readonly runId: string };
  await onPage(context, `${NAMESPACE}/activities`, (page) => page.shows(['1 Standalone Activity', runId]));
  await onPage(context, `${NAMESPACE}/activities/activity-1/${runId}/details`, (page) =>
    page.shows(['RUNNING activity-1', 'Run State Scheduled']),
  );
});

test('what there is not yet is told', options, async (context) => {
  await onPage(context, `${NAMESPACE}/schedules`, (page) => page.shows(['method ListSchedules not implemented']), {
    failures: /^GET .*\/schedule(s|-count) 501$/,
  });
});

test('a run that is not there is told', options, async (context) => {
  const run = { workflowId: 'nobody', runId: '019a0000-0000-7000-8000-000000000000' };
  await onPage(context, ofRun(run, 'timeline'), (page) => page.shows([/not found/i]), {
    failures: /^GET .*\/workflows\/nobody 404$/,
    errors: /./,
  });
});

test('under a public path it works as well', options, async (context) => {
  const [other, url] = await serve('--ui-public-path', '/temporal/ui');
  try {
    assert.match(url, /\/temporal\/ui$/);
    await onPage(context, `${url}/`, async (page) => {
      await page.shows(['0 Workflows', 'Start Workflow']);
      assert.equal(await page.evaluate('location.pathname'), '/temporal/ui/namespaces/default/workflows');
      // The browser itself looks for an icon at the root.
      const elsewhere = page.requested.filter((line) => !/\/temporal\/ui\/|GET data:|\/favicon\.ico$/.test(line));
      assert.deepEqual(elsewhere, []);
    });
  } finally {
    await other.stop();
  }
});

test('nothing was worth a line in the log', options, async () => {
  assert.equal(server.stderr, '');
});
