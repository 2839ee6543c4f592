/**
 * The names of all operations. Those of ONNX mean what ONNX says; the others are ours and are lowered to ONNX ones for
 * each device (runtime/lowering).
 */

export const ONNX_OPS = [
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Sqrt",
  "Exp",
  "Log",
  "Relu",
  "HardSigmoid",
  "Clip",
  "Floor",
  "Cast",
  "Identity",
  "MatMul",
  "Transpose",
  "Reshape",
  "Flatten",
  "Slice",
  "Concat",
  "Expand",
  "Pad",
  "ReduceSum",
  "ReduceMean",
  "ReduceSumSquare",
  "ReduceMax",
  "Conv",
  "MaxPool",
  "MaxUnpool",
  "BatchNormalization",
  "Softmax",
  "LogSoftmax",
  "Resize",
  "GridSample",
  "GatherElements",
] as const;

export const OWN_OPS = [
  /** batch normalization with the batch's own statistics: result, mean and variance of each channel */
  "NormalizeBatch",
  /** x * scale + offset, by channel of [N, C, ...] */
  "ChannelAffine",
  /** gradient * (output > 0) */
  "ReluGradient",
  /** gradient of Conv by its input */
  "ConvInputGradient",
  /** gradient of Conv by its weight */
  "ConvWeightGradient",
] as const;

export type OnnxOp = (typeof ONNX_OPS)[number];
export type OwnOp = (typeof OWN_OPS)[number];
export type OpName = OnnxOp | OwnOp;
