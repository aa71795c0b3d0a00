/**
 * Kafka's cluster ids: 16 bytes in URL-safe base64 without padding. 22 characters carry 132 bits, so the last one has
 * spare bits: Kafka stores `…OT` as `…OQ`, and both are the same id. Source: org.apache.kafka.common.Uuid.fromString.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Of the last character's six bits only the upper two belong to the id. */
const spareBits = 0b001111;

/** The id as Kafka would store it; what is no such id is left as it is (brokers before 0.10.1 accept any text). */
export function canonicalClusterId(id: string): string {
  const trimmed = id.replace(/=+$/, '');
  if (!/^[\w-]{22}$/.test(trimmed)) return id;
  const last = alphabet.indexOf(trimmed.slice(-1));
  return trimmed.slice(0, -1) + alphabet.charAt(last & ~spareBits);
}

export const sameClusterId = (one: string, other: string): boolean =>
  canonicalClusterId(one) === canonicalClusterId(other);
