/**
 * Values of header operations: text with commands such as `%REQ(x-user)%` in between (envoy-facts: Header operations). What a
 * command cannot say makes the operation do nothing.
 */

/** What commands can ask about. */
export type TemplateContext = {
  requestHeader(name: string): string | undefined;
  responseHeader(name: string): string | undefined;
  /** Values of commands without argument: `RESPONSE_CODE`, `UPSTREAM_HOST` … */
  value(command: string): string | undefined;
};

type Part = string | { command: string; names: readonly string[]; lengthMost: number | undefined };

export type HeaderTemplate = { literal: string } | { parts: readonly Part[] };

/** Commands without argument that are known here. */
export const PLAIN_COMMANDS: readonly string[] = [
  'PROTOCOL',
  'RESPONSE_CODE',
  'RESPONSE_FLAGS',
  'RESPONSE_CODE_DETAILS',
  'UPSTREAM_HOST',
  'UPSTREAM_CLUSTER',
  'ROUTE_NAME',
  'DOWNSTREAM_REMOTE_ADDRESS',
  'DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT',
  'START_TIME',
  'HOSTNAME',
];

/** @returns `undefined` when a percent sign stands alone, or a command is not known */
export function parseHeaderTemplate(text: string): HeaderTemplate | undefined {
  const parts: Part[] = [];
  let literal = '';
  for (let at = 0; at < text.length; ) {
    const percentAt = text.indexOf('%', at);
    if (percentAt === -1) {
      literal += text.slice(at);
      break;
    }
    literal += text.slice(at, percentAt);
    if (text[percentAt + 1] === '%') {
      literal += '%';
      at = percentAt + 2;
      continue;
    }
    const endAt = text.indexOf('%', percentAt + 1);
    const part = endAt === -1 ? undefined : parseCommand(text.slice(percentAt + 1, endAt));
    if (part === undefined) return undefined;
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(part);
    at = endAt + 1;
  }
  if (parts.length === 0) return { literal };
  return { parts: literal === '' ? parts : [...parts, literal] };
}

function parseCommand(text: string): Part | undefined {
  const [, command = '', argument, length] = /^([A-Z_]+)(?:\(([^)]*)\))?(?::(\d+))?$/.exec(text) ?? [];
  const lengthMost = length === undefined ? undefined : Number(length);
  if (command === 'REQ' || command === 'RESP') {
    if (argument === undefined || argument === '') return undefined;
    return { command, names: argument.split('?').map((name) => name.toLowerCase()), lengthMost };
  }
  return PLAIN_COMMANDS.includes(command) ? { command, names: [], lengthMost } : undefined;
}

/** Fills a template in. @returns the empty string when a command has nothing to say and there is no other text */
export function fillTemplate(template: HeaderTemplate, context: TemplateContext): string {
  if ('literal' in template) return template.literal;
  let result = '';
  for (const part of template.parts) result += typeof part === 'string' ? part : textOf(part, context);
  return result;
}

function textOf({ command, names, lengthMost }: Exclude<Part, string>, context: TemplateContext): string {
  const ask = command === 'REQ' ? context.requestHeader : context.responseHeader;
  const value = names.length === 0 ? context.value(command) : firstOf(names, ask);
  return (value ?? '').slice(0, lengthMost);
}

function firstOf(names: readonly string[], ask: (name: string) => string | undefined): string | undefined {
  for (const name of names) {
    const value = ask(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
