/**
 * Open-file-description record locks (fcntl F_OFD_SETLK), which conflict with Java's `FileChannel.tryLock` both ways, are
 * inherited with the descriptor, and end when its last copy is closed. Source: fcntl(2); seen with Java in test/java.
 */
import extensions from 'fs-native-extensions';

/** False if another open file description, or any process by a classic record lock, holds the file. Throws else. */
export const tryOfdLock = (fd: number): boolean => extensions.tryLock(fd);

/** The same with a shared lock, as whoever only asks takes it: several may ask at once. The file is open for reading. */
export const tryOfdSharedLock = (fd: number): boolean => extensions.tryLock(fd, { shared: true });
