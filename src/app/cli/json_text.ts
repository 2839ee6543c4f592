/** JSON text that is safe to print. */

/**
 * A value as JSON text. All control characters are escaped, including those that JSON.stringify leaves unchanged
 * (U+007F to U+009F), so that a terminal does not interpret them.
 */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(/[\u007f-\u009f]/g, (code) => `\\u00${code.charCodeAt(0).toString(16)}`);
}
