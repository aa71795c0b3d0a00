/**
 * Everything the program can do to the world, as small interfaces. `wire.ts` alone builds the real ones.
 *
 * Expected outcomes are values; an implementation throws only what its caller could not have foreseen.
 */
import type { OutsideEvidence } from './domain/evidence.ts';
import type { Findings } from './domain/doctor/findings.ts';
import type { LockNote } from './domain/lock-note.ts';
import type { Storage } from './domain/mounts.ts';
import type { Held } from './domain/protocol/beat.ts';
import type { Entry, LockHandle, LockState, Outcome } from './domain/protocol/effects.ts';
import type { ClaimRecord, Pod } from './domain/record.ts';
import type { Registration, RegistrationNote } from './domain/registration.ts';
import type { LogDirSight } from './domain/status/sight.ts';
import type { Output, Progress } from './ports-output.ts';
import type { BrokerPods, ClusterTarget, Kubernetes } from './ports-cluster.ts';
import type { OpenJournal } from './ports-journal.ts';
import type { Elector, ElectorOrder, KafkaAdmin, KafkaRoute } from './ports-kafka.ts';

/** The bound of one wait: whichever comes first ends it. */
export interface Deadline {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * The shared volume. Paths are relative to its root. All calls but {@link Volume.listRoot} are synchronous (see
 * docs/decisions/0002).
 */
export interface Volume {
  /** Absolute path of the root. */
  readonly root: string;
  /** Lists the root with a deadline, the first call of every round: `silent` if no answer came in time. */
  listRoot(deadline: Deadline): Promise<Outcome<Entry[]> | 'silent'>;
  list(path: string): Outcome<Entry[]>;
  /** Opens, reads and closes: close-to-open coherent on network file systems, as stat and readdir are not. */
  read(path: string): Outcome<string>;
  /** Creates the file (it must not exist), writes it whole, and fsyncs it. Nothing is left behind on failure. */
  create(path: string, text: string): Outcome<void>;
  link(existing: string, name: string): Outcome<void>;
  unlink(path: string): Outcome<void>;
  makeDirectory(path: string): Outcome<void>;
  removeDirectory(path: string): Outcome<void>;
  syncDirectory(path: string): Outcome<void>;
  /** Opens a lock file for reading and writing; makes it if it is missing and `make` says so. */
  openLock(path: string, make: boolean): Outcome<LockHandle>;
  /** Takes the exclusive OFD record lock. False if another open file description holds it. */
  tryLock(handle: LockHandle): Outcome<boolean>;
  /** Whether the path still names the very file that the handle has open. */
  isSameFile(handle: LockHandle, path: string): Outcome<boolean>;
  readLock(handle: LockHandle): Outcome<string>;
  /** Overwrites the content of a lock file in place; `text` always has the same length. */
  writeLock(handle: LockHandle, text: string): Outcome<void>;
  closeLock(handle: LockHandle): void;
  /** Tries a broker's own `.lock` without creating it, and lets go again. Only for one who holds the id. */
  probeKafkaLock(path: string): Outcome<'free' | 'held' | 'absent'>;
  /** What this machine's kernel shows of a lock, which it does not touch: other machines' locks are not seen. */
  lockState(path: string): Outcome<LockState>;
  /** For each of these files whether somebody holds its lock: asked with a shared lock, held for an instant. */
  areLocked(paths: readonly string[]): boolean[];
}

/** What something outside the volume can say about a holder (Kubernetes; nothing at all where there is none). */
export interface EvidenceSource {
  ask(record: ClaimRecord): Promise<OutsideEvidence>;
}

/** Keeps a crowd of starters orderly. Correctness never depends on it. */
export interface StartQueue {
  /** Waits for its turn, for `timeoutMs` at most. */
  enter(timeoutMs: number): Promise<void>;
  leave(): Promise<void>;
}

export interface Clock {
  /** Monotonic, in milliseconds; the only time that decisions look at. */
  nowMs(): number;
  /** ISO 8601, for people only. */
  wallTime(): string;
  /** Resolves after `ms`, or at once when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Randomness {
  uuid(): string;
  /** Uniform in [0, 1). */
  fraction(): number;
}

/** One session with the registry of live brokers: ZooKeeper's `/brokers/ids`. */
export interface Registry {
  /** The cluster's id, or undefined if no broker has written it yet. */
  readClusterId(deadline: Deadline): Promise<string | undefined>;
  readRegistration(brokerId: number, deadline: Deadline): Promise<Registration | undefined>;
  /** Removes the registration only if it is exactly the noted one. */
  removeRegistration(brokerId: number, expected: RegistrationNote, deadline: Deadline): Promise<RemovalOutcome>;
  /** Resolves as soon as the id is not registered. */
  awaitNoRegistration(brokerId: number, deadline: Deadline): Promise<'gone' | 'deadline'>;
  /** Tells the registration now and at each change, through lost connections and sessions, until stopped. */
  watchRegistration(brokerId: number, tell: (registration: Registration | undefined) => void): () => void;
  close(): Promise<void>;
}

export type RemovalOutcome = 'removed' | 'already-gone' | 'not-the-noted-one' | 'forbidden';

/** What the program says while it works: a constant message and fields, on stderr. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Everything about the machine that a claim records or judges. */
export interface MachineFacts {
  readonly bootId: string;
  readonly hostname: string;
  /** When this process started, in milliseconds since the machine's boot. */
  readonly processStart: number;
  /** An address of this machine that others could reach. */
  readonly address: string | undefined;
}

/** A volume with what belongs to it. */
export interface OpenedVolume {
  readonly volume: Volume;
  readonly storage: Storage;
  readonly queue: StartQueue;
  readonly evidence: EvidenceSource;
}

/** Plain files outside the volume. */
export interface Files {
  readText(path: string): Outcome<string>;
  /** A new private directory for one run. */
  makeTemporaryDirectory(): string;
  removeTemporaryDirectory(path: string): void;
  isWritableDirectory(path: string): boolean;
  /** Whole or not at all: temporary file beside it, fsync, rename. */
  writeAtomically(path: string, text: string): Outcome<void>;
  /** The whole content, and only if the file is there. */
  overwrite(path: string, text: string): Outcome<void>;
}

/** How a child ended: its exit code, or the signal that killed it. */
export interface ChildEnd {
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

/** The broker: a child in a process group of its own, which has inherited the id lock's descriptor. */
export interface Child {
  readonly pid: number;
  readonly ended: Promise<ChildEnd>;
  /** To the whole group; nothing happens if it is gone. */
  signal(signal: NodeJS.Signals): void;
  /** Live processes of the group, zombies left out. */
  liveMembers(): number[];
}

export interface Processes {
  /** Throws BarnabasError('command-not-started'). */
  start(command: readonly string[], lock: LockHandle): Promise<Child>;
  /** Hears signals until the returned function is called; while somebody hears, none of them ends the program. */
  hear(listener: (signal: NodeJS.Signals) => void): () => void;
}

/** Between a sidecar and the broker's container: every start of the broker takes a permit. */
export interface Gate {
  /** Puts the script in place that waits for a permit and becomes the broker. */
  open(): void;
  issue(): void;
  /** Takes a permit back that nobody has used. */
  revoke(): void;
  /** Who used the last permit, if it lives. */
  broker(): PodBroker | undefined;
  /** Remembers the container of a broker that was seen: also for a later agent of this pod. */
  note(broker: PodBroker): void;
  /** Whether the container that was noted last has ended for certain. False if nothing is known. */
  hasEnded(): boolean;
}

/** The broker in the container beside this one. */
export interface PodBroker {
  readonly pid: number;
  /** Live processes of its container. */
  liveMembers(): number[];
  /** SIGKILL to all of them. Throws if they are another user's. */
  kill(): void;
}

/** What a sidecar says over HTTP, to the kubelet and to Prometheus. */
export interface SidecarState {
  /** The broker may start. */
  readonly started: boolean;
  /** Why the broker must die, once its id is lost. */
  readonly lost: string | undefined;
  /** Why the broker does not serve; undefined if it does. */
  unready(): Promise<string | undefined>;
  readonly claim: ClaimFigures | undefined;
  /** Starts of the broker that were allowed so far. */
  readonly permits: number;
}

export interface ClaimFigures {
  readonly brokerId: number;
  readonly generation: number;
  readonly evidence: string;
  readonly waitedMs: number;
}

export interface ProbeServer {
  close(): Promise<void>;
}

/** The watchdog, on a thread of its own. */
export interface Guard {
  /** Goes into the id lock's file at once and with each beat. */
  note(change: Partial<Pick<LockNote, 'state' | 'registration'>>): void;
  /** Resolves with the reason once the claim is lost and the broker's process group has been killed. Else never. */
  readonly lost: Promise<string>;
  stop(): Promise<void>;
}

export interface GuardOrder extends Held {
  readonly volumeRoot: string;
  /** Whom to kill when the claim is lost: a process group, or whoever came through a gate. */
  readonly broker: { readonly group: number } | { readonly gate: string };
  readonly beatMs: number;
}

/** What a command is given beside its settings. */
export interface Given {
  readonly world: World;
  /** What is wrong with the settings so far: a command adds what it finds itself, and reports all at once. */
  readonly problems: readonly string[];
}

/** What a command may use. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly machine: () => MachineFacts;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly output: Output;
  readonly progress: Progress;
  /** What a person types at the terminal; undefined where nobody can. */
  ask(question: string): Promise<string | undefined>;
  readonly files: Files;
  readonly processes: Processes;
  /** Aborts when the program is told to stop. */
  readonly signal: AbortSignal;
  /** Throws BarnabasError if there is no such directory. */
  openVolume(directory: string): Promise<OpenedVolume>;
  openRegistry(connect: string): Promise<Registry>;
  /** Undefined where this is no pod of Kubernetes, or one without a service account's token. */
  kubernetes(pod: Pod, nodeName: string | undefined): Kubernetes | undefined;
  /** Throws BarnabasError('settings-invalid') if there is no such kubeconfig or context. */
  brokerPods(target: ClusterTarget): Promise<BrokerPods>;
  openKafka(route: KafkaRoute): Promise<KafkaAdmin>;
  readonly openJournal: OpenJournal;
  /** SHA-256 of a text, in hexadecimal. */
  loadDigest(): Promise<(text: string) => string>;
  startGuard(order: GuardOrder): Promise<Guard>;
  startElector(order: ElectorOrder): Elector;
  /** Throws BarnabasError if the directory is not there or can't be written. */
  openGate(directory: string): Promise<Gate>;
  /** `/started`, `/live`, `/ready` and `/metrics`. Throws BarnabasError if the port is taken. */
  serveProbes(port: number, state: SidecarState): Promise<ProbeServer>;
  /** Whether somebody accepts connections there, on this machine. */
  accepts(port: number, timeoutMs: number): Promise<boolean>;
  /** Counts what each log dir takes on the volume, as far as the time allows. By name; never fails. */
  measureLogDirs(order: MeasureOrder): Promise<ReadonlyMap<string, LogDirSight>>;
  /** The doctor's experiments; with a time to wait for one, together with a doctor in another place. */
  examine(root: string, peerWaitMs: number | undefined): Promise<Omit<Findings, 'storage'>>;
}

export interface MeasureOrder extends Deadline {
  readonly root: string;
  readonly logDirs: readonly string[];
  /** Those whose size is known already: of them, only when they were made. */
  readonly known: ReadonlySet<string>;
}
