// What counts as a run id: the forms that Go's uuid package reads.

const HEX = '[0-9a-fA-F]';
const DASHED = `${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}`;
const FORMS = new RegExp(`^(?:${DASHED}|[uU][rR][nN]:[uU][uU][iI][dD]:${DASHED}|\\{${DASHED}\\}|${HEX}{32})$`);

export function isUuid(text: string): boolean {
  return FORMS.test(text);
}
