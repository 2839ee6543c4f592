/** The page's policy allows no code from text: zod must not try to make any. Imported before every schema. */
import { config } from "zod";

config({ jitless: true });
