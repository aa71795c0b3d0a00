/** Reads an answer's fields as Kafka's protocol has them. Throws a RangeError where the answer is shorter than it says. */
export class Reader {
  readonly #bytes: Buffer;
  readonly #flexible: boolean;
  #at = 0;

  constructor(bytes: Buffer, form: 'flexible' | 'plain') {
    this.#bytes = bytes;
    this.#flexible = form === 'flexible';
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#skip(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2));
  }

  uint16(): number {
    return this.#bytes.readUInt16BE(this.#skip(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4));
  }

  /** Offsets, sizes and times: all far below what a number holds exactly. */
  int64(): number {
    return Number(this.#bytes.readBigInt64BE(this.#skip(8)));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  /** Base64url, as Kafka prints it; null for none. */
  uuid(): string | null {
    const at = this.#skip(16);
    const bytes = this.#bytes.subarray(at, at + 16);
    return bytes.every((byte) => byte === 0) ? null : bytes.toString('base64url');
  }

  nullableString(): string | null {
    const size = this.#flexible ? this.#unsigned() - 1 : this.int16();
    if (size < 0) return null;
    const at = this.#skip(size);
    return this.#bytes.toString('utf8', at, at + size);
  }

  string(): string {
    return this.nullableString() ?? '';
  }

  /** Empty for null. */
  array<T>(read: () => T): T[] {
    const count = this.#flexible ? this.#unsigned() - 1 : this.int32();
    // Whatever stands in it takes a byte at least: what says more is no answer.
    if (count > this.left) throw new RangeError('an array is longer than the answer');
    const items: T[] = [];
    for (let index = 0; index < count; index += 1) items.push(read());
    return items;
  }

  /** An array of structs, each with its tags. */
  structs<T>(read: () => T): T[] {
    return this.array(() => {
      const item = read();
      this.tags();
      return item;
    });
  }

  int32s(): number[] {
    return this.array(() => this.int32());
  }

  /** Skipped: they are for clients that know them. */
  tags(): void {
    if (!this.#flexible) return;
    for (let count = this.#unsigned(); count > 0; count -= 1) {
      this.#unsigned();
      this.#skip(this.#unsigned());
    }
  }

  #unsigned(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#skip(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number has no end');
  }

  #skip(size: number): number {
    if (size > this.left) throw new RangeError('the answer is too short');
    const at = this.#at;
    this.#at += size;
    return at;
  }
}
