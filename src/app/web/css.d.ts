/** Style sheets that a screen imports; vite bundles them. */
declare module "*.css";
