import { defineConfig } from "vite";

export default defineConfig({
  // Vite's server for development would move the library away from its worker.
  optimizeDeps: { exclude: ["cancernet"] },
});
