/**
 * Values of header operations: text with commands such as `%REQ(x-user)%` in between (envoy-facts: Header operations). What a
 * command cannot say makes the operation do nothing, unless there is other text.
 */

import { ANSWER_COMMANDS, type AnswerTold, isCommand, REQUEST_COMMANDS, type RequestTold } from './header-commands.ts';

type Part = string | { command: string; argument: string };

export type HeaderTemplate = { literal: string } | { parts: readonly Part[] };

// An argument may hold percent signs of its own, as formats of times do.
const COMMAND = /%([A-Z_0-9]+)(?:\(([^)]*)\))?%/y;

/** @returns `undefined` when a percent sign stands alone, or a command is not known (Istio lets none cut its value) */
export function parseHeaderTemplate(text: string): HeaderTemplate | undefined {
  const parts: Part[] = [];
  let literal = '';
  for (let at = 0; at < text.length; ) {
    const percentAt = text.indexOf('%', at);
    literal += percentAt === -1 ? text.slice(at) : text.slice(at, percentAt);
    if (percentAt === -1) break;
    if (text[percentAt + 1] === '%') {
      literal += '%';
      at = percentAt + 2;
      continue;
    }
    COMMAND.lastIndex = percentAt;
    const [whole = '', command = '', argument] = COMMAND.exec(text) ?? [];
    if (!isCommand(command, argument)) return undefined;
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push({ command, argument: argument ?? '' });
    at = percentAt + whole.length;
  }
  if (parts.length === 0) return { literal };
  return { parts: literal === '' ? parts : [...parts, literal] };
}

/** The template with everything that the request knows in place. */
export function fillFromRequest(template: HeaderTemplate, told: RequestTold): HeaderTemplate {
  if ('literal' in template) return template;
  return {
    parts: template.parts.map((part) =>
      typeof part === 'string' || !Object.hasOwn(REQUEST_COMMANDS, part.command)
        ? part
        : (REQUEST_COMMANDS[part.command]?.read(told, part.argument) ?? ''),
    ),
  };
}

/** The text of a template that `fillFromRequest` has seen; the empty string when nothing is left of it. */
export function fillFromAnswer(template: HeaderTemplate, told: AnswerTold): string {
  if ('literal' in template) return template.literal;
  return template.parts
    .map((part) => (typeof part === 'string' ? part : (ANSWER_COMMANDS[part.command]?.read(told, part.argument) ?? '')))
    .join('');
}
