/** A rollout as a tree of stages, for `sluice watch`, `sluice status` and the demo. Pure: the instant is an argument. */

import { formatDuration } from '../lib/duration.ts';
import type { CheckView, RolloutView, StageView } from './rollout-view.ts';
import type { Colour, Style } from './style.ts';

export type TreeOptions = { now: number; style: Style };

const MARKS: Record<StageView['state'], { mark: string; colour: Colour }> = {
  passed: { mark: '✔', colour: 'green' },
  active: { mark: '●', colour: 'cyan' },
  pending: { mark: '○', colour: 'dim' },
  failed: { mark: '✖', colour: 'red' },
};

const VERDICT_MARKS: Record<CheckView['verdict'], { mark: string; colour: Colour }> = {
  pass: { mark: '✔', colour: 'green' },
  fail: { mark: '✖', colour: 'red' },
  inconclusive: { mark: '?', colour: 'yellow' },
};

const BAR_CELLS = 20;

/** Lines without a final line feed. */
export function renderTree(view: RolloutView, { now, style }: TreeOptions): string {
  return [headline(view, style), ...stageLines(view, { now, style }), ...footLines(view, { now, style })].join('\n');
}

function headline({ namespace, name, target, phase, weight, revision }: RolloutView, style: Style): string {
  const title = style('bold', `${namespace}/${name}`);
  const of = revision === undefined ? target : `${target}, revision ${revision}`;
  return `${title}  ${style(phaseColour(phase), phase || 'Unknown')}  ${bar(weight, style)} ${weight} %  ${style('dim', of)}`;
}

function stageLines({ stages, checks }: RolloutView, options: TreeOptions): string[] {
  return stages.flatMap((stage, index) => {
    const isLast = index === stages.length - 1;
    const { mark, colour } = MARKS[stage.state];
    const line = `${isLast ? '└─' : '├─'} ${options.style(colour, mark)} ${stageText(stage, stages, options)}`;
    if (stage.state !== 'active' && stage.state !== 'failed') return [line];
    const rail = isLast ? '   ' : '│  ';
    return [line, ...checks.map((check) => `${rail}   ${checkText(check, options.style)}`)];
  });
}

function stageText(stage: StageView, all: readonly StageView[], { now, style }: TreeOptions): string {
  const nameWidth = Math.max(...all.map(({ name }) => name.length));
  const traffic = [
    `${stage.weight} %`.padStart(5),
    ...(stage.match === undefined ? [] : [`+ all with ${stage.match}`]),
    ...(stage.mirrorPercent > 0 ? [`+ ${stage.mirrorPercent} % mirrored`] : []),
  ].join(' ');
  const notes = [
    timeText(stage, now),
    ...(stage.approval && (stage.state === 'active' || stage.state === 'pending') ? ['then approval'] : []),
  ];
  return `${stage.name.padEnd(nameWidth)} ${traffic}  ${style('dim', notes.filter(Boolean).join(', '))}`.trimEnd();
}

function timeText({ state, startedAt, endedAt, durationMs, iterations }: StageView, now: number): string {
  const planned = iterations > 1 ? `${iterations} checks` : durationMs > 0 ? formatDuration(durationMs) : '';
  if (startedAt === undefined || state === 'pending') return planned;
  const until = endedAt === undefined ? now : Date.parse(endedAt);
  const passed = formatDuration(Math.max(0, Math.round((until - Date.parse(startedAt)) / 1_000) * 1_000));
  return state === 'active' && planned !== '' ? `${passed} of ${planned}` : passed;
}

function checkText({ metric, verdict, reason, bounds }: CheckView, style: Style): string {
  const { mark, colour } = VERDICT_MARKS[verdict];
  return `${style(colour, mark)} ${metric}: ${reason} ${style('dim', boundsText(bounds))}`.trimEnd();
}

/** `(min 99)`, `(max 500)`, `(1 to 5)`, or nothing. */
export function boundsText({ min, max }: { min?: number | undefined; max?: number | undefined }): string {
  if (min !== undefined && max !== undefined) return `(${min} to ${max})`;
  if (min !== undefined) return `(min ${min})`;
  return max === undefined ? '' : `(max ${max})`;
}

function footLines(
  { failures, waitingFor, paused, suspended, reason, phase }: RolloutView,
  { now, style }: TreeOptions,
): string[] {
  const lines: string[] = [];
  if (failures.count > 0) lines.push(`   Failed checks: ${failures.count} of ${failures.limit}`);
  if (suspended) lines.push(`   ${style('yellow', 'Suspended')} by spec.suspend`);
  if (paused !== undefined)
    lines.push(`   ${style('yellow', `Paused by ${paused.by}`)}${paused.reason === '' ? '' : `: ${paused.reason}`}`);
  if (waitingFor !== undefined) lines.push(`   Waiting: ${waitingFor.text}${untilText(waitingFor.until, now)}`);
  if (reason !== '' && (phase === 'Failed' || phase === 'Succeeded'))
    lines.push(`   ${style(phaseColour(phase), reason)}`);
  return lines;
}

function untilText(until: string | undefined, now: number): string {
  const leftMs = until === undefined ? 0 : Date.parse(until) - now;
  return leftMs < 1_000 ? '' : ` (${formatDuration(Math.round(leftMs / 1_000) * 1_000)} left)`;
}

function bar(weight: number, style: Style): string {
  const filled = Math.min(BAR_CELLS, Math.max(weight > 0 ? 1 : 0, Math.round((weight / 100) * BAR_CELLS)));
  return style('cyan', '█'.repeat(filled)) + style('dim', '░'.repeat(BAR_CELLS - filled));
}

/** Green where nothing is to do, red where it went wrong, yellow while it is under way. */
export function phaseColour(phase: string): Colour {
  if (phase === 'Succeeded' || phase === 'Initialized') return 'green';
  return phase === 'Failed' ? 'red' : 'yellow';
}
