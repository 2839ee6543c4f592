/**
 * The names of all operations. The ONNX ones have the meaning that ONNX defines. The others are our own, and are
 * lowered to ONNX operations for each device (runtime/lowering).
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
  /**
   * Batch normalization with the batch's own statistics. Results: the normalized values, and the mean and variance per
   * channel.
   */
  "NormalizeBatch",
  /** x * scale + offset, per channel of [N, C, ...]. */
  "ChannelAffine",
  /** gradient * (output > 0). */
  "ReluGradient",
  /** The gradient of Conv with respect to its input. */
  "ConvInputGradient",
  /** The gradient of Conv with respect to its weight. */
  "ConvWeightGradient",
] as const;

export type OnnxOp = (typeof ONNX_OPS)[number];
export type OwnOp = (typeof OWN_OPS)[number];
export type OpName = OnnxOp | OwnOp;
