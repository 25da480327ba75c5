// The order of commands: one that closes the workflow is the last. Checked before any command is handled.

import type { Command } from '#proto/temporal/api/command/v1';
import { CommandType, CommandTypeNames } from '#proto/temporal/api/enums/v1';
import { invalidArgument } from '../../../proto/service-errors.ts';

const CLOSES_WORKFLOW: ReadonlySet<number> = new Set([
  CommandType.CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
  CommandType.COMPLETE_WORKFLOW_EXECUTION,
  CommandType.FAIL_WORKFLOW_EXECUTION,
  CommandType.CANCEL_WORKFLOW_EXECUTION,
]);

/** Throws INVALID_ARGUMENT, which refuses the whole call: it does not fail the workflow task. */
export function validateCommandSequence(commands: readonly Command[]): void {
  let closing: number | undefined;
  for (const { commandType } of commands) {
    if (closing !== undefined) {
      const names = commands.map((command) => nameOf(command.commandType)).join(', ');
      throw invalidArgument(
        `invalid command sequence: [${names}], command ${nameOf(closing)} must be the last command.`,
      );
    }
    if (commandType === CommandType.UNSPECIFIED || !CommandTypeNames.has(commandType)) {
      throw invalidArgument(`unknown command type: ${nameOf(commandType)}`);
    }
    if (CLOSES_WORKFLOW.has(commandType)) closing = commandType;
  }
}

function nameOf(commandType: CommandType): string {
  return CommandTypeNames.get(commandType) ?? String(commandType);
}
