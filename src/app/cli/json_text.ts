/** JSON as the command line prints it. */

/** A value as JSON text; what a terminal would obey is written out, also the codes that JSON leaves as they are. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(/[\u007f-\u009f]/g, (code) => `\\u00${code.charCodeAt(0).toString(16)}`);
}
