/**
 * Makes the text of docs/errors.md from the table of error codes. error_codes.ts writes the file, and a test compares
 * it.
 */
import { ERROR_CODES } from "../src/util/error_codes.ts";

const INTRODUCTION = `# Errors

What a user can fix is a \`UserError\`: one sentence that says what happened, what was expected and how to fix it, and a
code that says what kind of mistake it is. Codes are stable; sentences are not. The command line prints the sentence
without the code, the \`failed\` line of [\`--events\`](json.md) holds both, and the exit code is 2 for all of them.
\`\`\`ts
import { predict, silent, UserError } from "cancernet";

const options = { model: "run-of-tomorrow", images: ["patch.png"] };
try {
  await predict(options, { reporter: silent, signal: new AbortController().signal });
} catch (error) {
  if (!(error instanceof UserError && error.code === "model-missing")) throw error;
  console.log("Train a model first.");
}
\`\`\`
The same kind of mistake has the same code everywhere. In TypeScript, \`ErrorCode\` is the type of all codes. Later
versions may add codes. This page is made from \`src/util/error_codes.ts\` by \`npm run error-codes\`.
`;

export function errorsPage(): string {
  const groups = Object.entries(ERROR_CODES).map(([group, codes]) => {
    const lines = Object.entries(codes).map(([code, meaning]) => `- \`${code}\`: ${meaning}\n`);
    return `\n## ${group}\n${lines.join("")}`;
  });
  return INTRODUCTION + groups.join("");
}
