// Rows have one column for the status of executions of any kind. An activity's has the same names and other numbers.

import { ActivityExecutionStatusNames, WorkflowExecutionStatusNames } from '#proto/temporal/api/enums/v1';

const ROW_STATUS = new Map<number, number>();
const ACTIVITY_STATUS = new Map<number, number>();
for (const [activityStatus, name] of ActivityExecutionStatusNames) {
  for (const [rowStatus, other] of WorkflowExecutionStatusNames) {
    if (name !== other) continue;
    ROW_STATUS.set(activityStatus, rowStatus);
    ACTIVITY_STATUS.set(rowStatus, activityStatus);
  }
}

/** The number in the row of an ActivityExecutionStatus. */
export const rowStatusOf = (activityStatus: number): number | undefined => ROW_STATUS.get(activityStatus);

/** And back: UNSPECIFIED for a status that no activity has. */
export const activityStatusOf = (rowStatus: number): number => ACTIVITY_STATUS.get(rowStatus) ?? 0;
