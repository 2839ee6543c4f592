/** Stands in for the decoder of LERC in dist/browser: geotiff.js would bring it, but no slide in LERC is read. */
export default {};
