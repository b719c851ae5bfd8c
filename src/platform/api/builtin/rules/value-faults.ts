/** Checks that several kinds share, in the words of apimachinery's validation package. */

import type { StatusCause } from '../../../../kube/kube-client.ts';
import { invalid } from '../../schema/causes.ts';

const CONFIG_KEY_MESSAGE =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const PERCENT_MESSAGE =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const AT_LEAST_ZERO = 'must be greater than or equal to 0';

/** A number that may be absent, but not negative. */
export function nonNegative(value: unknown, field: string): StatusCause[] {
  return typeof value === 'number' && value < 0 ? [invalid(field, value, AT_LEAST_ZERO)] : [];
}

export function portNumber(value: unknown, field: string): StatusCause[] {
  const fits = typeof value === 'number' && value >= 1 && value <= 65_535;
  return fits ? [] : [invalid(field, value, 'must be between 1 and 65535, inclusive')];
}

/** A port by number or by name (IANA_SVC_NAME). */
export function portNumberOrName(value: unknown, field: string): StatusCause[] {
  return typeof value === 'string' ? portName(value, field) : portNumber(value, field);
}

/** RFC 6335 section 5.1. */
export function portName(value: string, field: string): StatusCause[] {
  const faults = [
    ...(value.length > 15 ? ['must be no more than 15 characters'] : []),
    ...(/^[-a-z0-9]+$/.test(value) ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(/[a-z]/.test(value) ? [] : ['must contain at least one letter (a-z)']),
    ...(value.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(/^-|-$/.test(value) ? ['must not begin or end with a hyphen'] : []),
  ];
  return faults.map((fault) => invalid(field, value, fault));
}

/** A whole number or a percentage, not negative. */
export function amountOrPercent(value: unknown, field: string): StatusCause[] {
  if (typeof value === 'string') return /^\d+%$/.test(value) ? [] : [invalid(field, value, PERCENT_MESSAGE)];
  return nonNegative(value, field);
}

export function atMostHundredPercent(value: unknown, field: string): StatusCause[] {
  const percent = typeof value === 'string' && /^\d+%$/.test(value) ? Number(value.slice(0, -1)) : 0;
  return percent > 100 ? [invalid(field, value, 'must not be greater than 100%')] : [];
}

/** A key of a ConfigMap or Secret. */
export function configKey(key: string, field: string): StatusCause[] {
  const faults = [
    ...(key.length > 253 ? ['must be no more than 253 bytes'] : []),
    ...(/^[-._a-zA-Z0-9]+$/.test(key) ? [] : [CONFIG_KEY_MESSAGE]),
    ...(key === '.' ? ["must not be '.'"] : []),
    ...(key === '..' ? ["must not be '..'"] : key.startsWith('..') ? ["must not start with '..'"] : []),
  ];
  return faults.map((fault) => invalid(field, key, fault));
}

const IP_V4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

export function isIpV4(text: string): boolean {
  return IP_V4.test(text);
}

export const IP_MESSAGE = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
