/** Writes properties as java.util.Properties reads them: printable ASCII only, all else as `\uXXXX`. */

const named: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f', '\\': '\\\\' };

const escapeUnit = (unit: string): string =>
  named[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`;

/** By UTF-16 unit, as Java's characters are. */
const escapeText = (text: string): string => text.replace(/[^\x20-\x5b\x5d-\x7e]/g, escapeUnit);

/** One line, without its end. */
export function formatProperty(key: string, value: string): string {
  const escapedKey = escapeText(key).replace(/[ =:#!]/g, '\\$&');
  const escapedValue = escapeText(value).replace(/^ /, '\\ ');
  return `${escapedKey}=${escapedValue}`;
}
