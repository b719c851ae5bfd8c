/**
 * Probes one container for as long as its process lives: the startup probe first, then readiness and liveness side by side. It keeps
 * the verdicts; what follows from them is decided elsewhere.
 */

import type { Clock } from '../../lib/clock.ts';
import type { ProbeSpec } from './pod.ts';
import { countProbe, type ProbeTally, tallyOf } from './probe-verdict.ts';
import { type ProbeTarget, runProbe } from './run-probe.ts';

export type ProbeVerdicts = {
  started: boolean;
  ready: boolean;
  /** Why the container has to be killed: its startup or liveness probe failed for good. */
  fatal?: string;
  /** What the readiness probe last said against it. */
  notReadyMessage?: string;
};

export type ProbeLoop = { verdicts(): ProbeVerdicts; stop(): void };

/** A container that is not ready may be asked more often than its period says, so that it is ready sooner (Kubernetes: Probe). */
const UNREADY_PERIOD_MS = 250;

/** What was known of a container before its probes (re)start. */
export type EarlierVerdicts = Pick<ProbeVerdicts, 'started' | 'ready'>;

const NOTHING_KNOWN: EarlierVerdicts = { started: false, ready: false };

export type ProbeOptions = {
  /** Called whenever a verdict changes. */
  onChange: () => void;
  /** Told of failures, once per period of a probe. */
  onFailure: (message: string) => void;
  before?: EarlierVerdicts;
};

/**
 * Starts at once. A container that was ready before stays ready until its probe has
 * failed as often as its threshold says: otherwise every restart of the platform would take all pods out of traffic.
 */
export function startProbes(
  target: ProbeTarget,
  { onChange, onFailure, before = NOTHING_KNOWN }: ProbeOptions,
): ProbeLoop {
  const { startupProbe, readinessProbe, livenessProbe } = target.container;
  const started = startupProbe === undefined || before.started;
  const verdicts: ProbeVerdicts = { started, ready: started && before.ready };
  const stops: (() => void)[] = [];

  const probing = (what: string, spec: ProbeSpec): Repetition => ({
    spec,
    target,
    onFailure: (message) => onFailure(`${what} probe failed: ${message}`),
  });

  const watchRunning = (): void => {
    if (readinessProbe === undefined) verdicts.ready = true;
    else {
      const eager = (tally: ProbeTally) => tally.verdict !== 'success';
      stops.push(
        repeat({ ...probing('Readiness', readinessProbe), eager, wasSuccess: before.ready }, ({ verdict }, message) => {
          const { ready, notReadyMessage } = verdicts;
          verdicts.ready = verdict === 'success';
          if (verdicts.ready || message === undefined) delete verdicts.notReadyMessage;
          else verdicts.notReadyMessage = `readiness probe: ${message}`;
          if (ready !== verdicts.ready || notReadyMessage !== verdicts.notReadyMessage) onChange();
          return 'goOn';
        }),
      );
    }
    if (livenessProbe !== undefined) stops.push(repeat(probing('Liveness', livenessProbe), fatalOn('Liveness')));
  };

  const fatalOn =
    (what: string): OnTally =>
    ({ verdict }, message) => {
      if (verdict !== 'failure') return 'goOn';
      verdicts.fatal = `${what} probe failed: ${message}`;
      onChange();
      return 'stop';
    };

  if (startupProbe === undefined || started) watchRunning();
  else {
    stops.push(
      repeat(probing('Startup', { ...startupProbe, successThreshold: 1 }), (tally, message) => {
        if (tally.verdict !== 'success') return fatalOn('Startup')(tally, message);
        verdicts.started = true;
        watchRunning();
        onChange();
        return 'stop';
      }),
    );
  }
  return {
    verdicts: () => verdicts,
    stop() {
      for (const stop of stops) stop();
    },
  };
}

type OnTally = (tally: ProbeTally, message: string | undefined) => 'goOn' | 'stop';

type Repetition = {
  spec: ProbeSpec;
  target: ProbeTarget;
  onFailure: (message: string) => void;
  eager?: (tally: ProbeTally) => boolean;
  wasSuccess?: boolean;
};

function repeat({ spec, target, onFailure, eager, wasSuccess = false }: Repetition, onTally: OnTally): () => void {
  const clock: Clock = target.clock;
  const periodMs = Math.max(1, spec.periodSeconds ?? 10) * 1_000;
  let tally = tallyOf(wasSuccess);
  let toldAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let cancel = clock.after((spec.initialDelaySeconds ?? 0) * 1_000, () => void probe());
  const probe = async (): Promise<void> => {
    const result = await runProbe(spec, target);
    if (stopped) return;
    tally = countProbe(tally, result.passed, spec);
    if (!result.passed && periodMs <= clock.monotonicMs() - toldAt) {
      toldAt = clock.monotonicMs();
      onFailure(result.message);
    }
    const next = onTally(tally, result.passed ? undefined : result.message);
    const waitMs = eager?.(tally) ? Math.min(UNREADY_PERIOD_MS, periodMs) : periodMs;
    if (next === 'goOn' && !stopped) cancel = clock.after(waitMs, () => void probe());
  };
  return () => {
    stopped = true;
    cancel();
  };
}
