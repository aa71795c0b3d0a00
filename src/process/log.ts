/** Log lines on stderr: time, level, a constant message, and fields; as text or as JSON. */
import type { Log, LogFields } from '../ports.ts';

type Level = 'info' | 'warn' | 'error';

export interface LogTarget {
  readonly format: 'text' | 'json';
  readonly write: (line: string) => void;
  readonly now: () => string;
}

export function createLog(target: LogTarget): Log {
  const at =
    (level: Level) =>
    (message: string, fields: LogFields = {}): void => {
      const format = target.format === 'json' ? formatJson : formatText;
      target.write(format({ time: target.now(), level, message, fields }));
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

interface Line {
  readonly time: string;
  readonly level: Level;
  readonly message: string;
  readonly fields: LogFields;
}

const formatJson = ({ time, level, message, fields }: Line): string =>
  JSON.stringify({ time, level, message, ...fields });

function formatText({ time, level, message, fields }: Line): string {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quote(value)}`],
  );
  return [time, level.toUpperCase().padEnd(5), message, ...pairs].join(' ');
}

function quote(value: string | number | boolean): string {
  const text = String(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}
