/** Stands for the types of Node where sources are compiled that run anywhere: packages that ask for them get none. */
export {};
