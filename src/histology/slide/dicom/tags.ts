/** The data elements of a DICOM slide that are used here (DICOM PS3.6), and the encoding of their values. */

export const TAG = {
  mediaStorageClass: 0x00020002,
  transferSyntax: 0x00020010,
  imageType: 0x00080008,
  sopInstance: 0x00080018,
  series: 0x0020000e,
  concatenation: 0x00209161,
  partsOfConcatenation: 0x00209163,
  firstFrameOfPart: 0x00209228,
  dimensionOrganization: 0x00209311,
  samplesPerPixel: 0x00280002,
  photometric: 0x00280004,
  planarConfiguration: 0x00280006,
  numberOfFrames: 0x00280008,
  rows: 0x00280010,
  columns: 0x00280011,
  pixelSpacing: 0x00280030,
  bitsAllocated: 0x00280100,
  bitsStored: 0x00280101,
  highBit: 0x00280102,
  pixelRepresentation: 0x00280103,
  pixelMeasures: 0x00289110,
  totalColumns: 0x00480006,
  totalRows: 0x00480007,
  planePosition: 0x0048021a,
  columnPosition: 0x0048021e,
  rowPosition: 0x0048021f,
  opticalPaths: 0x00480302,
  focalPlanes: 0x00480303,
  sharedGroups: 0x52009229,
  groupsPerFrame: 0x52009230,
  extendedOffsets: 0x7fe00001,
  extendedLengths: 0x7fe00002,
  pixelData: 0x7fe00010,
} as const;

const SEQUENCES: readonly number[] = [TAG.pixelMeasures, TAG.planePosition, TAG.sharedGroups, TAG.groupsPerFrame];
const BULK: readonly number[] = [TAG.extendedOffsets, TAG.extendedLengths, TAG.pixelData];
const USED: ReadonlySet<number> = new Set(Object.values(TAG));

export const isUsed = (tag: number): boolean => USED.has(tag);
/** True for a list of items, each of which is a data set. */
export const isSequence = (tag: number): boolean => SEQUENCES.includes(tag);
/** True for large values, which are not read together with the others. */
export const isBulk = (tag: number): boolean => BULK.includes(tag);

/** Markers between the items of a sequence or between compressed frames. */
export const ITEM = 0xfffee000;
export const ITEM_END = 0xfffee00d;
export const SEQUENCE_END = 0xfffee0dd;
