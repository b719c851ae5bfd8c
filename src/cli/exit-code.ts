/** What the shell is told. Documented in `docs/cli.md`; scripts depend on it. */

export const EXIT = {
  ok: 0,
  /** The command failed, or the rollout was rolled back. */
  failed: 1,
  /** Wrong usage, or an invalid file. */
  usage: 2,
  /** `--timeout` passed first. */
  timeout: 3,
  /** The rollout waits for a person. */
  waitingForApproval: 4,
  /** `sluice analyze` found what it must fail for. */
  findings: 79,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
