// The namespace's retention of a closed run is over.

import { deleteExecution } from '../transfer/delete-execution.ts';

export { deleteExecution as deleteHistory };
