/** The text for a position in a training. */

/** The position `steps` steps after `epochs` finished epochs: "epoch 2 after step 30". */
export function positionText({ epochs, steps }: { readonly epochs: number; readonly steps: number }): string {
  if (steps > 0) return `epoch ${epochs + 1} after step ${steps}`;
  return epochs > 0 ? `the end of epoch ${epochs}` : "the start";
}
