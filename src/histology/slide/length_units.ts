/** Units of length as they appear in slide files, in micrometres. */

/** Keys are in lower case. "\ufffdm" is a Latin-1 micro sign that was decoded as UTF-8. */
const MICRONS: Readonly<Record<string, number>> = {
  "\u00b5m": 1,
  "\u03bcm": 1,
  "\ufffdm": 1,
  "\\u00b5m": 1,
  um: 1,
  micron: 1,
  microns: 1,
  micrometer: 1,
  micrometers: 1,
  micrometre: 1,
  micrometres: 1,
  nm: 1e-3,
  nanometer: 1e-3,
  nanometre: 1e-3,
  "\u00e5": 1e-4,
  mm: 1e3,
  millimeter: 1e3,
  millimetre: 1e3,
  cm: 1e4,
  centimeter: 1e4,
  centimetre: 1e4,
  inch: 25_400,
  in: 25_400,
  m: 1e6,
};

/** Micrometres per unit; NaN if the unit is not a known unit of length, for example "pixel". */
export function micronsPerUnit(unit: string): number {
  return MICRONS[unit.trim().toLowerCase()] ?? Number.NaN;
}
