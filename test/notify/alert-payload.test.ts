import { describe, expect, test } from 'vitest';
import { type Alert, alertAddress, alertPayload } from '../../src/notify/alert-payload.ts';
import { type AlertProviderSpec, alertProviderSpecSchema } from '../../src/notify/alert-provider.schema.ts';

const alert: Alert = {
  severity: 'error',
  workload: 'hello.default',
  message: 'Rolling back hello',
  facts: [{ name: 'Target', value: 'Deployment/hello.default' }],
};

describe('alertPayload()', () => {
  const chats: [AlertProviderSpec['type'], string][] = [
    ['slack', 'danger'],
    ['discord', 'danger'],
    ['rocket', '#FF0000'],
  ];
  test.each(chats)('writes an attachment for %s in %s', (type, color) => {
    expect(alertPayload({ type, address: 'http://chat', channel: 'ops' }, alert)).toMatchObject({
      channel: 'ops',
      username: 'sluice',
      attachments: [{ color, author_name: 'hello.default', text: 'Rolling back hello', fields: [{ title: 'Target' }] }],
    });
  });

  test('tells a warning from an information', () => {
    const colours = (['info', 'warn', 'error'] as const).map((severity) => {
      const payload = alertPayload({ type: 'slack', address: 'x' }, { ...alert, severity }) as {
        attachments: { color: string }[];
      };
      return payload.attachments[0]?.color;
    });
    expect(new Set(colours).size).toBe(3);
  });

  test('writes a card for msteams and for gchat', () => {
    expect(alertPayload({ type: 'msteams', address: 'x' }, alert)).toMatchObject({
      '@type': 'MessageCard',
      themeColor: 'FF0000',
    });
    expect(alertPayload({ type: 'gchat', address: 'x' }, alert)).toMatchObject({
      cards: [{ header: { subtitle: 'hello.default' } }],
    });
  });

  test('sends Discord what Slack gets, under its own path, once', () => {
    expect(alertAddress({ type: 'discord' }, 'http://d/hook')).toBe('http://d/hook/slack');
    expect(alertAddress({ type: 'discord' }, 'http://d/hook/slack')).toBe('http://d/hook/slack');
    expect(alertAddress({ type: 'slack' }, 'http://s/hook')).toBe('http://s/hook');
  });
});

describe('an AlertProvider', () => {
  test('may have an address and a Secret together, but not neither', () => {
    const both = { type: 'slack', address: 'http://s', secretRef: { name: 'slack' } };
    expect(alertProviderSpecSchema.safeParse(both).success).toBe(true);
    expect(alertProviderSpecSchema.safeParse({ type: 'slack' }).success).toBe(false);
  });
});
