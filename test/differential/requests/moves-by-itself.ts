// What of a request leads to more without another call.

/** Oddities after which something happens by itself, for which the player waits. */
export const MOVES_BY_ITSELF = new Set([
  'delay',
  'shortRun',
  'shortExecution',
  'short',
  'zero',
  'noTimeout',
  'backoff',
  'cron',
  'cronSoon',
  'shortScheduleToStart',
  'shortScheduleToClose',
]);
