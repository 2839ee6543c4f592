// TensorFlow.js is installed only for the benchmark (npm ci --prefix bench), so the type checks have no types for it.
declare module "@tensorflow/tfjs-core";
declare module "@tensorflow/tfjs-layers";
declare module "@tensorflow/tfjs-backend-cpu";
declare module "@tensorflow/tfjs-backend-wasm";
