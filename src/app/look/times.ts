/** Times for people. */

/** "40 s", "3 min 20 s", "2 h 5 min". */
export function durationText(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(rounded / 3600), Math.floor(rounded / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rounded % 60} s` : `${rounded} s`;
}

/** "14:03", or "2026-03-01 14:03" if it was another day, in the time of this machine. */
export function momentText(milliseconds: number, now: number = Date.now()): string {
  const of = (time: number) => new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString();
  const [day, clock] = [of(milliseconds).slice(0, 10), of(milliseconds).slice(11, 16)];
  return of(now).startsWith(day) ? clock : `${day} ${clock}`;
}
