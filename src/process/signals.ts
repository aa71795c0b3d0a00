/** Signals that tell the program to stop, or that are meant for the broker. */

/** SIGQUIT makes a JVM dump its threads; SIGUSR1 belongs to Node.js and the JVM alike and is left alone. */
const heard = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;

/** While somebody hears, none of these ends the process by default: not even as PID 1, which ignores them. */
export function hearSignals(listener: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of heard) process.on(signal, listener);
  return () => {
    for (const signal of heard) process.off(signal, listener);
  };
}
