/** Opens the page in the user's browser. A machine without one only gets a warning. */
import open from "open";
import { messageOf } from "../../util/errors.ts";

const LAUNCH_MILLISECONDS = 20_000;

/** Opens the address. @param warn called once if that fails, also later. */
export async function openBrowser(address: string, warn: (sentence: string) => void): Promise<void> {
  const begun = performance.now();
  const failed = (reason: string) => warn(`No browser opened (${reason}): open the address above yourself.`);
  try {
    const opener = await open(address);
    opener.once("error", (error) => failed(messageOf(error)));
    opener.once("exit", (code) => {
      // Some openers run as long as the browser.
      if (code !== null && code !== 0 && performance.now() - begun < LAUNCH_MILLISECONDS)
        failed("this machine seems to have none");
    });
  } catch (error) {
    failed(messageOf(error));
  }
}
