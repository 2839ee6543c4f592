/** An empty replacement for the types of Node. It is used to compile the sources that must also run in a browser. */
export {};
