// What the shopper did, on this device. In memory until the shopper agrees to more; in IndexedDB
// from then on (storage.ts). Nothing of it is ever sent anywhere.
import type {Store} from "./storage.js";
import type {ConsentState, StoredEvent} from "./types.js";

const DATABASE = "vitrine";
const KEEP_EVENTS = 200;
const KEEP_SECONDS = 90 * 24 * 3600;
const KINDS: readonly unknown[] = ["view", "click", "wishlist", "cart", "order"];

export class Session {
  #events: StoredEvent[] = [];
  #consent: ConsentState = "unset";
  #store: Store | undefined;
  /** Resolves when what an earlier visit left here has been read, and the last wish has been carried out. */
  ready = Promise.resolve();

  /** @param onTaken called when another tab of the shop took the consent back */
  constructor(readonly onTaken: () => void = () => {}) {
    this.#next(() => this.#restore());
  }

  get consent(): ConsentState {
    return this.#consent;
  }

  /** Are the events kept when the page is left? */
  get stored(): boolean {
    return this.#store !== undefined;
  }

  /** Oldest first. */
  get events(): readonly StoredEvent[] {
    return this.#events;
  }

  /** False when the shopper does not want to be remembered. */
  add(event: StoredEvent): boolean {
    if (this.#consent === "denied" || !isEvent(event)) return false;
    this.#events.push(event);
    const forgotten = this.#forgetOld(event.time);
    const written = forgotten ? this.#store?.replace(this.#events) : this.#store?.add(event);
    written?.catch(() => {});  // the device is full: memory it is
    return true;
  }

  /** `true` keeps the events on this device, `false` deletes them and stops, undefined asks anew. */
  setConsent(granted: boolean | undefined): Promise<void> {
    return this.#next(async () => {
      if (!granted) {
        this.#consent = granted === undefined ? "unset" : "denied";
        await this.#delete();
      } else if (this.#consent !== "granted") {
        this.#consent = "granted";
        await this.#keep();
      }
    });
  }

  /** Deletes everything, on the device too. A consent given is taken back. */
  clear(): Promise<void> {
    return this.#next(() => this.#delete());
  }

  // One after the other: a deletion must find what the wish before it is still writing.
  // What fails, fails for want of storage (private mode, a full device): memory it is.
  #next(change: () => Promise<void>): Promise<void> {
    return (this.ready = this.ready.then(change).catch(() => {}));
  }

  async #delete(): Promise<void> {
    const store = this.#store;
    this.#store = undefined;
    this.#forgetAll();
    store?.close();
    if (store || (await databaseExists())) await (await import("./storage.js")).deleteStore();
  }

  async #restore(): Promise<void> {
    if (!(await databaseExists())) return;
    const store = await this.#open(false);
    const kept = (await store.load()).filter(isEvent);
    const early = this.#events;  // what came while this was read
    this.#consent = "granted";
    this.#store = store;
    this.#events = [...kept, ...early];
    const forgotten = this.#forgetOld(Date.now() / 1000);
    if (forgotten) await store.replace(this.#events);
    else await Promise.all(early.map((event) => store.add(event)));
  }

  // Browsers that cannot say whether there is a database find an earlier visit's events only now.
  async #keep(): Promise<void> {
    const store = await this.#open(true);
    this.#events = [...(await store.load()).filter(isEvent), ...this.#events];
    this.#forgetOld(Date.now() / 1000);
    this.#store = store;
    await store.replace(this.#events);
  }

  async #open(create: boolean): Promise<Store> {
    return (await import("./storage.js")).openStore(create, () => {
      this.#store = undefined;
      this.#forgetAll();
      this.onTaken();
    });
  }

  #forgetAll(): void {
    this.#events = [];
    if (this.#consent === "granted") this.#consent = "unset";
  }

  #forgetOld(now: number): boolean {
    const before = this.#events.length;
    this.#events = this.#events.filter((event) => now - event.time < KEEP_SECONDS).slice(-KEEP_EVENTS);
    return this.#events.length < before;
  }
}

function isEvent(value: unknown): value is StoredEvent {
  const {id, time, kind} = (value ?? {}) as Partial<StoredEvent>;
  return typeof id === "string" && id !== "" && Number.isFinite(time) && KINDS.includes(kind);
}

// Looking must not leave a trace: a database is opened only when it is known to be there.
async function databaseExists(): Promise<boolean> {
  if (!globalThis.indexedDB?.databases) return false;
  return (await indexedDB.databases()).some(({name}) => name === DATABASE);
}
