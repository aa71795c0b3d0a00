/** The part of fs-native-extensions 1.5 that is used here; the package brings no types. */
declare module 'fs-native-extensions' {
  const extensions: {
    /** Takes an (exclusive) OFD record lock on the whole file. False for EAGAIN; throws with `code` for any other errno. */
    tryLock(fd: number, options?: { readonly shared: boolean }): boolean;
  };
  export default extensions;
}
