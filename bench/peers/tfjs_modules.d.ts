// TensorFlow.js is installed for the benchmark alone (npm ci --prefix bench), so the checks know nothing of its types.
declare module "@tensorflow/tfjs-core";
declare module "@tensorflow/tfjs-layers";
declare module "@tensorflow/tfjs-backend-cpu";
declare module "@tensorflow/tfjs-backend-wasm";
