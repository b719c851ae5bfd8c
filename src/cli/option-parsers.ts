/** From the text of an option to its value; commander adds the name of the option to what is thrown. */

import { Resolver } from 'node:dns';
import { InvalidArgumentError } from 'commander';

/** 0 to 65535. */
export function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError(`Must be a port from 0 (any free one) to 65535: got ${text}`);
  }
  return number;
}

/** A whole number, 1 or more. */
export function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError(`Must be a whole number, 1 or more: got ${text}`);
  return number;
}

/** `127.0.0.1:15000`, `:15000` or `15000`. */
export function adminPort(text: string): number {
  const [, number] = /^(?:(?:127\.0\.0\.1|localhost)?:)?(\d+)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new InvalidArgumentError(`Must be a port of the loopback interface, such as 127.0.0.1:15000: got ${text}`);
  }
  return port(number);
}

/** `10.0.0.10`, `127.0.0.1:5353` or `[::1]:53`. */
export function dnsServer(text: string): string {
  try {
    new Resolver().setServers([text]);
  } catch {
    throw new InvalidArgumentError(`Must be an IP address, perhaps with a port, such as 127.0.0.1:5353: got ${text}`);
  }
  return text;
}

/** `NAME=VALUE`, one more each time. */
export function assignment(text: string, previous: Record<string, string>): Record<string, string> {
  const split = text.indexOf('=');
  if (split < 1) throw new InvalidArgumentError(`Must be NAME=VALUE: got ${text}`);
  return { ...previous, [text.slice(0, split)]: text.slice(split + 1) };
}

/** Several of them, separated by commas. */
export function assignments(text: string, previous: Record<string, string>): Record<string, string> {
  return text.split(',').reduce((all, each) => assignment(each, all), previous);
}

/** `NAME: VALUE`, one more each time. */
export function field(
  text: string,
  previous: readonly (readonly [name: string, value: string])[],
): readonly (readonly [name: string, value: string])[] {
  const colonAt = text.indexOf(':');
  if (colonAt < 1) throw new InvalidArgumentError(`Must be NAME: VALUE: got ${text}`);
  return [...previous, [text.slice(0, colonAt).trim(), text.slice(colonAt + 1).trim()]];
}

/** One more each time. */
export function each(text: string, previous: readonly string[]): readonly string[] {
  return [...previous, text];
}
