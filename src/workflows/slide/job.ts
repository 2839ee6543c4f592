/** What is scored, with which model, and for which files. */
import type { OpenModel } from "../../artifacts/open_model.ts";
import type { ScaleOptions } from "../../histology/slide/scale.ts";
import type { GeoJsonKind } from "../../options/slide.ts";
import type { DeviceChoice } from "../device/choice.ts";

export interface SlideJob extends ScaleOptions {
  readonly path: string;
  /** The SHA-256 of the slide, if it is known already. */
  readonly sha256?: string | undefined;
  /** The folder of the results. */
  readonly out: string;
  readonly stride: number;
  readonly minTissue: number;
  readonly geojson: GeoJsonKind;
  readonly labels?: { readonly path: string; readonly caseId: string } | undefined;
  /** The command line that reproduces the files. */
  readonly command: string;
}

/** The opened model, with its name and device. */
export interface SlideModel extends OpenModel, Pick<DeviceChoice, "device"> {
  readonly name: string;
}
