/** What tests expect of a user's mistake: its code, and what its sentence must name if that is the point of the test. */
import assert from "node:assert/strict";
import type { ErrorCode } from "../../src/util/error_codes.ts";
import { UserError } from "../../src/util/errors.ts";

/** What `assert.throws` and `assert.rejects` take. */
export type Refusal = (error: unknown) => true;

/**
 * For `assert.throws` and `assert.rejects`: a UserError of this code.
 * @param named what its sentence must name: a path, a row, an option, or the whole sentence, as a pattern.
 */
export function refused(code: ErrorCode, named: string | RegExp = ""): Refusal {
  return (error) => {
    assert.ok(error instanceof UserError, `${error instanceof Error ? error.stack : error}`);
    assert.equal(error.code, code, error.message);
    assert.doesNotMatch(error.message, /\n/);
    if (typeof named === "string") assert.ok(error.message.includes(named), `${error.message} names no ${named}`);
    else assert.match(error.message, named);
    return true;
  };
}
