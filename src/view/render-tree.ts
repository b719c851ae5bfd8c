/** A rollout as a tree of stages, for `sluice watch`, `sluice status` and the demo. Pure: the instant is an argument. */

import { formatDuration } from '../lib/duration.ts';
import type { CheckView, RolloutView, StageView } from './rollout-view.ts';
import type { Colour, Style } from './style.ts';

export type TreeOptions = {
  now: number;
  style: Style;
  /** Height of the terminal: of a long list of stages only those around the active one are shown then. */
  rows?: number;
};

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
/** Lines of the picture besides the stages, at most: headline, checks, what is waited for, the demo's traffic. */
const OTHER_LINES = 10;
const STAGES_SHOWN_MIN = 3;

/** Lines without a final line feed. */
export function renderTree(view: RolloutView, options: TreeOptions): string {
  return [headline(view, options.style), ...stageLines(view, options), ...footLines(view, options)].join('\n');
}

function headline({ namespace, name, target, phase, weight, revision }: RolloutView, style: Style): string {
  const title = style('bold', `${namespace}/${name}`);
  const of = revision === undefined ? target : `${target}, revision ${revision}`;
  return `${title}  ${style(phaseColour(phase), phase || 'Unknown')}  ${bar(weight, style)} ${weight} %  ${style('dim', of)}`;
}

function stageLines(view: RolloutView, options: TreeOptions): string[] {
  const { stages } = view;
  const { first, end } = stageWindow(stages, options.rows);
  const hidden = (count: number, what: string): string[] =>
    count === 0 ? [] : [options.style('dim', `│  … ${count} ${count === 1 ? 'stage' : 'stages'} ${what}`)];
  return [
    ...hidden(first, 'before'),
    ...stages.slice(first, end).flatMap((stage, index) => linesOfStage(stage, first + index, view, options)),
    ...hidden(stages.length - end, 'after'),
  ];
}

/** The stages from `first` to before `end`: all, or as many as the terminal has room for, with the active one in the middle. */
function stageWindow(stages: readonly StageView[], rows = Number.POSITIVE_INFINITY): { first: number; end: number } {
  const room = Math.max(STAGES_SHOWN_MIN, rows - OTHER_LINES);
  const active = stages.findLastIndex(({ state }) => state !== 'pending');
  const first = Math.max(0, Math.min(active - Math.floor(room / 2), stages.length - room));
  return { first, end: Math.min(stages.length, first + room) };
}

function linesOfStage(
  stage: StageView,
  index: number,
  { stages, checks }: RolloutView,
  options: TreeOptions,
): string[] {
  const isLast = index === stages.length - 1;
  const { mark, colour } = MARKS[stage.state];
  const line = `${isLast ? '└─' : '├─'} ${options.style(colour, mark)} ${stageText(stage, stages, options)}`;
  if (stage.state !== 'active' && stage.state !== 'failed') return [line];
  const rail = isLast ? '   ' : '│  ';
  return [line, ...checks.map((check) => `${rail}   ${checkText(check, options.style)}`)];
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
  if (waitingFor !== undefined && waitingFor.kind !== 'pause' && waitingFor.kind !== 'suspend')
    lines.push(`   ${waitingFor.text}${untilText(waitingFor.until, now)}`);
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
