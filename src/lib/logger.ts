import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

export type LoggerOptions = {
  name: string;
  level: string;
  destination: DestinationStream;
};

/** JSON lines by pino; messages are constants and the variable part is in keys. Secrets are redacted by key. */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  return pino(
    {
      name,
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['token', '*.token', 'authorization', '*.authorization', 'password', '*.password'],
        censor: '[redacted]',
      },
    },
    destination,
  );
}

/** A logger that says nothing, for tests and for callers that do not care. */
export const silentLogger: Logger = pino({ level: 'silent' });
