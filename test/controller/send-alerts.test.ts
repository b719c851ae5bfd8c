import { describe, expect, test } from 'vitest';
import { hears } from '../../src/controller/send-alerts.ts';

describe('hears()', () => {
  const cases: ['' | 'info' | 'warn' | 'error' | undefined, string][] = [
    [undefined, 'info warn error'],
    ['', 'info warn error'],
    ['info', 'info warn error'],
    ['warn', 'warn error'],
    ['error', 'error'],
  ];
  test.each(cases)('an entry of severity %s hears %s', (severity, expected) => {
    const heard = (['info', 'warn', 'error'] as const).filter((alert) =>
      hears(severity === undefined ? {} : { severity }, alert),
    );
    expect(heard.join(' ')).toBe(expected);
  });
});
