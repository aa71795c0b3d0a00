/** Faults that somebody could put into the protocol, most of which somebody has, and what catches each. */

export interface Mutant {
  readonly name: string;
  /** Why one would write it so, and what it breaks. */
  readonly why: string;
  readonly patches: readonly Patch[];
  /** A scenario of the explorer, or a file of tests. */
  readonly caughtBy: { readonly scenario: string } | { readonly tests: string };
  /** What the catcher says. */
  readonly says: RegExp;
}

/** In one file below src/: text that stands there just once, and what stands there instead. */
export type Patch = readonly [file: string, text: string, instead: string];

const everyLockVouches: Patch = [
  'domain/evidence.ts',
  'note !== undefined && note.generation >= generation',
  'note === undefined || generation >= 0',
];

const linkOverwrites: Patch = [
  'domain/protocol/publish.ts',
  'const linked = yield* link(temporary, path);',
  'yield* unlink(path);\n  const linked = yield* link(temporary, path);',
];

const twoLive = /two live brokers have id 0/;

export const mutants: readonly Mutant[] = [
  {
    name: 'steal a stale lock, as proper-lockfile does',
    why: 'remove the directory that is the lock, make it again: the second thief removes the first one’s',
    patches: [
      [
        'domain/protocol/attempt.ts',
        'const locked = yield* tryLock(handle);',
        `const stolen = \`\${claimDirectory(view.id)}/stolen\`;
  let made = yield* makeDirectory(stolen);
  if (!made.ok) {
    yield* removeDirectory(stolen);
    made = yield* makeDirectory(stolen);
  }
  const locked = { ok: true as const, value: made.ok };`,
      ],
      ['domain/protocol/attempt.ts', '  isSameFile,\n', '  isSameFile,\n  makeDirectory,\n  removeDirectory,\n'],
      linkOverwrites,
    ],
    caughtBy: { scenario: 'locks that are worth nothing, three agents' },
    says: /was changed|top generation went|two live/,
  },
  {
    name: 'rename a stale lock aside',
    why: 'the name is free for a third while the second still thinks that it has it',
    patches: [
      [
        'domain/protocol/attempt.ts',
        'const opened = yield* openLock(path, !held);',
        `yield* link(path, \`\${path}.aside\`);
  yield* unlink(path);
  const opened = yield* openLock(path, true || held);`,
      ],
      ['domain/protocol/attempt.ts', '  isSameFile,\n', '  isSameFile,\n  link,\n  unlink,\n'],
      everyLockVouches,
    ],
    caughtBy: { scenario: 'an empty volume, and a crash' },
    says: /lives|two live brokers/,
  },
  {
    name: 'collect all old generations, and do not list again',
    why: 'one that was parked links a number that was collected, and believes that it is the newest',
    patches: [
      ['domain/protocol/collect.ts', 'const keptGenerations = 64;', 'const keptGenerations = 1;'],
      ['domain/protocol/publish-claim.ts', 'if (top > claim.generation) return false;', 'if (top > 0) return true;'],
    ],
    caughtBy: { scenario: 'locks that are worth nothing, a shutdown, and a restart' },
    says: /two live brokers|has no end|was changed/,
  },
  {
    name: 'a pod that is not found is dead',
    why: 'deleted by force, it may run on for ever',
    patches: [
      [
        'domain/pod-evidence.ts',
        "if (!view) return { kind: 'absent',",
        "if (!view) return { kind: 'dead', evidence: 'kubelet', detail: '404' };\n  if (!pod) return { kind: 'absent',",
      ],
    ],
    caughtBy: { scenario: 'what Kubernetes says of a pod that lives on' },
    says: /its broker \(a's\) lives|two live/,
  },
  {
    name: 'a phase of Failed is death',
    why: 'controllers set it that can not know',
    patches: [
      [
        'domain/pod-evidence.ts',
        'if (ended && (final || view.deleting)) {',
        'if (final || (ended && view.deleting)) {',
      ],
    ],
    caughtBy: { scenario: 'what Kubernetes says of a pod that lives on' },
    says: /its broker \(a's\) lives|two live/,
  },
  {
    name: 'a lock that can not be tried (ENOLCK) is free',
    why: 'the errno of a server without a lock manager, or of a full lock table',
    patches: [['domain/protocol/attempt.ts', 'if (locked.ok && locked.value) {', 'if (!locked.ok || locked.value) {']],
    caughtBy: { scenario: 'two agents, a failing call' },
    says: /its broker \(.'s\) lives|two live/,
  },
  {
    name: 'no look at the inode after the lock',
    why: 'a lock on a file that no longer has the name keeps nobody out',
    patches: [['domain/protocol/attempt.ts', 'if (same.ok && same.value) return', 'if (same.ok || !same.ok) return']],
    caughtBy: { tests: 'test/domain/protocol/claim.test.ts' },
    says: /FAIL .*"a lock file that was replaced while it was being locked/,
  },
  {
    name: 'release before every process is dead',
    why: 'the command has ended, and what it started still has the lock',
    patches: [
      [
        'domain/protocol/release.ts',
        'if (locked.ok && locked.value && same.ok && same.value) return',
        'if (locked.ok || same.ok) return',
      ],
    ],
    caughtBy: { scenario: 'a shutdown, and a broker that leaves its process group' },
    says: /its broker \(.'s\) lives|two live/,
  },
  {
    name: 'the lock’s descriptor in an object that is collected',
    why: 'a FileHandle out of scope closes its descriptor, and the lock is silently gone',
    patches: [
      [
        'volume/file-volume.ts',
        'outcome(() => fs.openSync(at(path), O_RDWR | (make ? O_CREAT : 0), fileMode) as LockHandle),',
        `outcome(() => {
        const fd = fs.openSync(at(path), O_RDWR | (make ? O_CREAT : 0), fileMode) as LockHandle;
        collected.register({ fd }, fd);
        return fd;
      }),`,
      ],
      [
        'volume/file-volume.ts',
        'const directoryMode = 0o770;',
        'const directoryMode = 0o770;\nconst collected = new FinalizationRegistry((fd: number) => void outcome(() => fs.closeSync(fd)));',
      ],
    ],
    caughtBy: { tests: 'test/volume/file-volume.test.ts' },
    says: /FAIL .*"a lock outlives the garbage collector/,
  },
  {
    name: 'a wall clock decides',
    why: 'two machines’ clocks differ, and clocks are set',
    patches: [
      [
        'domain/evidence.ts',
        '  const sameBoot = record.bootId === self.bootId;\n  const lockIsTruth',
        `  const sameBoot = record.bootId === self.bootId;
  if (Date.parse(record.wallTime) < Date.now() - 60_000) {
    return { over: true, kind: 'lock-local', detail: 'old', certain: true };
  }
  const lockIsTruth`,
      ],
    ],
    caughtBy: { scenario: 'what Kubernetes says of a pod that lives on' },
    says: /its broker \(a's\) lives|two live/,
  },
  {
    name: 'check that the name is free, then take it',
    why: 'between the two, another does the same',
    patches: [
      [
        'domain/protocol/publish.ts',
        'const linked = yield* link(temporary, path);',
        `if ((yield* read(path)).ok) {
    yield* unlink(temporary);
    return false;
  }
  yield* unlink(path);
  const linked = yield* link(temporary, path);`,
      ],
    ],
    caughtBy: { scenario: 'locks that are worth nothing, three agents' },
    says: /was changed|top generation went|two live/,
  },
  {
    name: 'probe Kafka’s .lock while scanning',
    why: 'a broker that starts at that moment fails',
    patches: [
      [
        'domain/protocol/survey.ts',
        '  for (const id of allOf(logDirs, claimed)) {\n    const top = locked',
        '  for (const id of allOf(logDirs, claimed)) {\n    yield* probeKafkaLock(`kafka-logs-${id}/.lock`);\n    const top = locked',
      ],
      [
        'domain/protocol/survey.ts',
        'import { list, read, areLocked,',
        'import { list, read, areLocked, probeKafkaLock,',
      ],
    ],
    caughtBy: { scenario: 'data without a claim' },
    says: /probes kafka-logs-0\/\.lock without the id lock/,
  },
  {
    name: 'believe what link answers',
    why: 'a reply may be lost: the answer is an error, and the record stands',
    patches: [
      [
        'domain/protocol/publish.ts',
        'const won = linked.ok || (yield* isOurs(path, ours, linked.errno));',
        'const won = linked.ok || ((yield* read(path)).ok && path === ours);',
      ],
    ],
    caughtBy: { scenario: 'one agent, two failing calls, and a restart' },
    says: /has open claims of ids 0 and 1/,
  },
  {
    name: 'take the next id when the claim can not be confirmed',
    why: 'the pod then has two, and keeps one from everybody (a fault of 0.1.0’s drafts, found by the explorer)',
    patches: [
      [
        'domain/protocol/publish-claim.ts',
        "  yield* retract(claim, pod);\n  throw new VolumeFailure('list',",
        "  if (pod) return false;\n  throw new VolumeFailure('list',",
      ],
    ],
    caughtBy: { scenario: 'one agent, two failing calls, and a restart' },
    says: /has open claims of ids 0 and 1/,
  },
  {
    name: 'make a new lock file in place of one that is gone',
    why: 'the new one is free, whoever holds the old one (a fault of 0.1.0’s drafts, found by the explorer)',
    patches: [['domain/protocol/attempt.ts', 'openLock(path, !held);', 'openLock(path, true);'], everyLockVouches],
    caughtBy: { scenario: 'somebody deletes the lock file' },
    says: /its broker \(.'s\) lives|two live/,
  },
  {
    name: 'a guard that does not read end certificates',
    why: 'a person declared its broker dead, a successor starts, and it serves on',
    patches: [['domain/protocol/beat.ts', 'if (top === generation && ended) return', 'if (top < 0 && ended) return']],
    caughtBy: { scenario: 'a person declares a living broker dead' },
    says: twoLive,
  },
  {
    name: 'a guard that does not notice that its lock failed',
    why: 'after a lost lease the next holder is let in',
    patches: [
      [
        'domain/protocol/beat.ts',
        'if (!written.ok && lockLost.has(written.errno)) return',
        'if (!written.ok && written.errno === "") return',
      ],
    ],
    caughtBy: { scenario: 'a server forgets a machine’s locks while a pod is frozen' },
    says: /its broker \(.'s\) lives|two live/,
  },
  {
    name: 'no settling where a server keeps the locks',
    why: 'the broker that lost its lock lives until its guard’s next look',
    patches: [
      ['domain/protocol/prove.ts', "return storage.coherence === 'shared' && (", "return storage.type === '' && ("],
    ],
    caughtBy: { scenario: 'a server forgets a machine’s locks while a pod is frozen' },
    says: /its broker \(.'s\) lives|two live/,
  },
  {
    name: 'trust a lock on storage that keeps none',
    why: 'nolock, nobrl, GlusterFS: free on this machine says nothing of another, or of this one',
    patches: [['domain/evidence.ts', " && storage.coherence !== 'untrusted' && sameLock;", ' && sameLock;']],
    caughtBy: { scenario: 'locks that are worth nothing, and an old listing' },
    says: /its broker \(.'s\) lives|two live/,
  },
  {
    name: 'an init container’s free lock is death',
    why: 'the container that claimed has ended, and the broker beside it lives',
    patches: [['domain/evidence.ts', "record.mode === 'wrapper' && storage", 'record.mode !== undefined && storage']],
    caughtBy: { scenario: 'an init container and a wrapper' },
    says: /its broker \(.'s\) lives|two live/,
  },
  {
    name: 'a free lock proves a death on another machine',
    why: 'a machine that was cut off has lost its locks, and its brokers live',
    patches: [['domain/evidence.ts', 'if (sameBoot && lockIsTruth) {', 'if (lockIsTruth) {']],
    caughtBy: { scenario: 'a machine is cut off, and its locks are lost' },
    says: /its broker \(.'s\) lives|two live/,
  },
];
