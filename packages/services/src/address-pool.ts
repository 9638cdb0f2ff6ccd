/** Addresses of one IPv4 network, each held by one name at most. */
export class AddressPool {
  readonly #first: number;
  readonly #size: number;
  readonly #holders = new Map<number, string>();
  readonly #held = new Map<string, number>();

  /** @param cidr `241.0.0.0/8`; prefix 0..30. @throws RangeError: it is a constant or a checked setting, never user input. */
  constructor(cidr: string) {
    const [text = "", prefixText = ""] = cidr.split("/");
    const base = numberOf(text);
    const prefix = /^\d{1,2}$/.test(prefixText) ? Number(prefixText) : Number.NaN;
    if (base === undefined || !(prefix >= 0 && prefix <= 30)) throw new RangeError(`${cidr} is not an IPv4 network`);
    const total = 2 ** (32 - prefix);
    // Neither the network's own address nor the broadcast one: some hosts refuse to connect to those.
    this.#first = base - (base % total) + 1;
    this.#size = total - 2;
  }

  /** Whether an address could come from either of them. */
  overlaps(other: AddressPool): boolean {
    return this.#first < other.#first + other.#size && other.#first < this.#first + this.#size;
  }

  /** How many names hold an address. */
  get used(): number {
    return this.#held.size;
  }

  addressOf(name: string): string | undefined {
    const held = this.#held.get(name);
    return held === undefined ? undefined : textOf(held);
  }

  /**
   * Notes that a name holds an address, as a store says. A name that held another one lets go of that.
   * @returns false, and changes nothing, when the address is not of this network or somebody else holds it.
   */
  claim(name: string, address: string): boolean {
    const number = numberOf(address);
    if (number === undefined || number < this.#first || number >= this.#first + this.#size) return false;
    const holder = this.#holders.get(number);
    if (holder !== undefined) return holder === name;
    this.release(name);
    this.#hold(name, number);
    return true;
  }

  /**
   * The address of a name: the one that it holds, else the first free one from a place that `seed` alone decides. So a service that is
   * deleted and made again gets its address back, as long as nobody else holds it, and an address that was let go is unlikely to
   * go to another name while a client still remembers it.
   * @throws RangeError when every address is held.
   */
  allocate(name: string, seed: string): string {
    const held = this.#held.get(name);
    if (held !== undefined) return textOf(held);
    if (this.#held.size >= this.#size) throw new RangeError(`all ${this.#size} addresses from ${textOf(this.#first)} are in use`);
    let offset = fnv1a(seed) % this.#size;
    while (this.#holders.has(this.#first + offset)) offset = (offset + 1) % this.#size;
    this.#hold(name, this.#first + offset);
    return textOf(this.#first + offset);
  }

  release(name: string): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    this.#holders.delete(held);
  }

  #hold(name: string, number: number): void {
    this.#held.set(name, number);
    this.#holders.set(number, name);
  }
}

/** FNV-1a with 32 bits over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}

/** Undefined when it is not an IPv4 address in dotted decimals. */
function numberOf(address: string): number | undefined {
  const parts = address.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
