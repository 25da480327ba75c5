// Latencies of one round by name, in microseconds. What is measured is named once here, so that tables of all workloads agree.

import { build, type Histogram } from 'hdr-histogram-js';

export const FIGURES = {
  endToEnd: 'end to end',
  start: 'start',
  startToFirstTask: 'start to first workflow task',
  activityScheduleToStart: 'activity schedule to start',
  signalToTask: 'signal to workflow task',
  updateRoundTrip: 'update round trip',
  queryRoundTrip: 'query round trip',
  timerLateness: 'timer lateness',
  childRoundTrip: 'child round trip',
  backlogPause: 'pause between two completions',
} as const;

export type FigureName = keyof typeof FIGURES;

const HOUR_US = 3_600_000_000;

export function newHistogram(): Histogram {
  return build({ bitBucketSize: 32, highestTrackableValue: HOUR_US, numberOfSignificantValueDigits: 3 });
}

/** Where operations leave their latencies. */
export interface LatencySink {
  record(name: FigureName, ms: number): void;
}

/** For operations that nobody measures. Not figures of their own: a histogram is 94 KB. */
export const UNMEASURED: LatencySink = { record() {} };

export class Figures implements LatencySink {
  readonly histograms = new Map<FigureName, Histogram>();

  record(name: FigureName, ms: number): void {
    let histogram = this.histograms.get(name);
    if (histogram === undefined) {
      histogram = newHistogram();
      this.histograms.set(name, histogram);
    }
    histogram.recordValue(Math.max(1, Math.round(ms * 1000)));
  }

  add(other: Figures): void {
    for (const [name, histogram] of other.histograms) {
      const mine = this.histograms.get(name);
      if (mine === undefined) {
        const copy = newHistogram();
        copy.add(histogram);
        this.histograms.set(name, copy);
      } else {
        mine.add(histogram);
      }
    }
  }
}
