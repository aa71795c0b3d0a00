/** The one error class of the program: what could not be done, to which thing, why, and what to do next. */

/** Exit status of every command (design contract; docs/reference.md lists them for users). */
export const exitStatus = {
  done: 0,
  /** A retry may help. */
  failed: 1,
  /** Usage or settings. */
  usage: 2,
  /** Refused to protect data: a person must decide. */
  refused: 3,
  /** The deadline passed while waiting. */
  deadline: 4,
} as const;

const statusOf = {
  usage: exitStatus.usage,
  'settings-invalid': exitStatus.usage,
  'volume-missing': exitStatus.usage,
  'volume-not-writable': exitStatus.usage,
  'volume-read-only': exitStatus.failed,
  'volume-full': exitStatus.failed,
  'volume-failed': exitStatus.failed,
  'volume-silent': exitStatus.deadline,
  'volume-alien': exitStatus.refused,
  'volume-unsafe': exitStatus.refused,
  'data-refused': exitStatus.refused,
  'holder-alive': exitStatus.refused,
  'no-evidence': exitStatus.refused,
  'claim-lost': exitStatus.failed,
  'wait-deadline': exitStatus.deadline,
  'registration-deadline': exitStatus.deadline,
  'zookeeper-unreachable': exitStatus.failed,
  /** Nobody answered, or not in time, or with an error that may pass. */
  'kafka-failed': exitStatus.failed,
  /** TLS, a password or an ACL: brokers answer, and refuse us. */
  'kafka-access': exitStatus.usage,
  /** The brokers are too old for what was asked, or too new. */
  'kafka-version': exitStatus.usage,
  /** A recovery that would be wrong to begin, or to go on with. */
  'recovery-refused': exitStatus.refused,
  /** A throttle that nothing would get through, or that can't be set or taken away. */
  'throttle-failed': exitStatus.failed,
  /** Somebody else works with this journal, or it can't be read or written. */
  'journal-failed': exitStatus.failed,
  'kubernetes-failed': exitStatus.failed,
  'brokers-missing': exitStatus.usage,
  'command-not-started': exitStatus.usage,
  'config-not-written': exitStatus.failed,
  interrupted: exitStatus.failed,
  internal: exitStatus.failed,
} as const;

export type ErrorCode = keyof typeof statusOf;

export class BarnabasError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'BarnabasError';
    this.code = code;
  }

  get exitStatus(): number {
    return statusOf[this.code];
  }
}
