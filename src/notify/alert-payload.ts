/** One alert in the words of each chat service (flagger.md 7.2). Pure. */

import type { AlertProviderSpec } from './alert-provider.schema.ts';

export type Alert = {
  severity: 'info' | 'warn' | 'error';
  /** `hello.default`: what it is about. */
  workload: string;
  message: string;
  facts: readonly { name: string; value: string }[];
};

const CHAT_COLOURS = { info: 'good', warn: 'warning', error: 'danger' };
const HEX_COLOURS = { info: '0076D7', warn: 'FFA500', error: 'FF0000' };

export function alertPayload({ type, channel, username = 'sluice' }: AlertProviderSpec, alert: Alert): unknown {
  switch (type) {
    case 'slack':
    case 'discord':
      return chatMessage(alert, { channel, username, color: CHAT_COLOURS[alert.severity] });
    case 'rocket':
      return chatMessage(alert, { channel, username, color: `#${HEX_COLOURS[alert.severity]}` });
    case 'msteams':
      return {
        '@type': 'MessageCard',
        '@context': 'http://schema.org/extensions',
        themeColor: HEX_COLOURS[alert.severity],
        summary: `${alert.message} ${alert.workload}`,
        sections: [{ activityTitle: alert.message, activitySubtitle: alert.workload, facts: alert.facts }],
      };
    case 'gchat':
      return {
        cards: [
          {
            header: { title: `Sluice: ${alert.severity}`, subtitle: alert.workload },
            sections: [{ widgets: [{ textParagraph: { text: alert.message } }] }],
          },
        ],
      };
    default:
      return type satisfies never;
  }
}

/** Discord understands Slack's messages under a path of its own. */
export function alertAddress({ type }: AlertProviderSpec, address: string): string {
  return type === 'discord' && !address.endsWith('/slack') ? `${address}/slack` : address;
}

function chatMessage(
  { workload, message, facts }: Alert,
  { channel, username, color }: { channel: string | undefined; username: string; color: string },
) {
  const fields = facts.map(({ name, value }) => ({ title: name, value, short: false }));
  return {
    ...(channel !== undefined && { channel }),
    username,
    icon_emoji: ':rocket:',
    attachments: [{ color, author_name: workload, text: message, mrkdwn_in: ['text'], fields }],
  };
}
