/** Writes a request's fields as Kafka's protocol has them: big-endian, and in flexible versions compact (KIP-482). */
export class Writer {
  readonly #flexible: boolean;
  #bytes = Buffer.allocUnsafe(512);
  #length = 0;

  constructor(form: 'flexible' | 'plain') {
    this.#flexible = form === 'flexible';
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    this.#bytes.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#bytes.writeInt32BE(value, at);
  }

  boolean(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  /** 16 zeros: no id. */
  noUuid(): void {
    const at = this.#reserve(16);
    this.#bytes.fill(0, at, at + 16);
  }

  string(value: string | null): void {
    const size = value === null ? -1 : Buffer.byteLength(value);
    if (this.#flexible) this.#unsigned(size + 1);
    else this.int16(size);
    const at = this.#reserve(Math.max(0, size));
    this.#bytes.write(value ?? '', at);
  }

  array<T>(items: readonly T[] | null, write: (item: T) => void): void {
    const count = items?.length ?? -1;
    if (this.#flexible) this.#unsigned(count + 1);
    else this.int32(count);
    items?.forEach((item) => write(item));
  }

  /** An array of structs, each with its tags. */
  structs<T>(items: readonly T[] | null, write: (item: T) => void): void {
    this.array(items, (item) => {
      write(item);
      this.tags();
    });
  }

  int32s(items: readonly number[] | null): void {
    this.array(items, (item) => this.int32(item));
  }

  /** None: the end of a struct in flexible versions. */
  tags(): void {
    if (this.#flexible) this.#unsigned(0);
  }

  #unsigned(value: number): void {
    let left = value;
    for (; left >= 0x80; left >>>= 7) this.#byte((left & 0x7f) | 0x80);
    this.#byte(left);
  }

  #byte(value: number): void {
    const at = this.#reserve(1);
    this.#bytes.writeUInt8(value, at);
  }

  #reserve(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}
