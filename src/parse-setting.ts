/** From the text of a flag or variable to the value of a setting, or what is wrong with it. */

export type Parse<T> = (text: string) => T | { readonly problem: string };

export const text: Parse<string | undefined> = (value) => value;

export const count: Parse<number> = (value) =>
  /^\d{1,9}$/.test(value) ? Number(value) : { problem: `"${value}" is not a whole number` };

export const positive: Parse<number> = (value) =>
  /^[1-9]\d{0,8}$/.test(value) ? Number(value) : { problem: `"${value}" is not a whole number from 1` };

export const port: Parse<number> = (value) =>
  /^\d{1,5}$/.test(value) && Number(value) > 0 && Number(value) < 65536
    ? Number(value)
    : { problem: `"${value}" is no port: 1 to 65535` };

/** `HOST:PORT[,…]`, IPv6 in brackets; as it was given. */
export const addresses: Parse<string | undefined> = (value) => {
  const bad = value.split(',').find((entry) => !/^(\[[0-9a-fA-F:.]+\]|[^\s:[\]/]+):[1-9]\d{0,4}$/.test(entry.trim()));
  return bad === undefined ? value : { problem: `"${bad}" is no HOST:PORT` };
};

export const truth: Parse<boolean> = (value) => {
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off)$/i.test(value)) return false;
  return { problem: `"${value}" is neither true nor false` };
};

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `30s`, `5m`, `1h`; a bare number is seconds. In milliseconds. */
export const parseDuration: Parse<number> = (value) => {
  const match = /^(\d{1,9})(ms|s|m|h)?$/.exec(value);
  const unit = units[match?.[2] ?? 's'];
  if (!match || unit === undefined) return { problem: `"${value}" is no duration such as 500ms, 30s, 5m or 1h` };
  return Number(match[1]) * unit;
};

const prefixes = ['', 'k', 'M', 'G', 'T'];

/** `1000000`, `1.5GB`, `512MiB`; of a rate also `50MB/s`. In bytes. */
export const bytes: Parse<number> = (value) => {
  const [, number, prefix = '', binary = ''] = /^(\d{1,15}(?:\.\d{1,3})?)([kKMGT]?)(i?)B?(?:\/s)?$/.exec(value) ?? [];
  const power = prefixes.indexOf(prefix.replace('K', 'k'));
  const amount = Math.round(Number(number) * (binary === 'i' ? 1024 : 1000) ** power);
  return amount > 0 ? amount : { problem: `"${value}" is no size such as 500kB, 50MB or 1.5GiB` };
};

export const oneOf =
  <T extends string>(...values: readonly T[]): Parse<T> =>
  (value) =>
    values.find((entry) => entry === value) ?? { problem: `"${value}" is none of ${values.join(', ')}` };

/** Kafka's names of topics, or patterns of them. */
export const topics: Parse<readonly string[]> = (value) => {
  const names = value.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !/^[a-zA-Z0-9._*?-]{1,249}$/.test(name));
  return wrong === undefined ? names : { problem: `"${wrong}" is no topic's name, nor a pattern of * and ?` };
};
