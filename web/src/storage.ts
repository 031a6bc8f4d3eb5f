// The session in IndexedDB. Loaded only when the shopper agreed to it, now or on an earlier visit.
import type {StoredEvent} from "./types.js";

const DATABASE = "vitrine";
const EVENTS = "events";

export interface Store {
  load(): Promise<unknown[]>;
  add(event: StoredEvent): Promise<void>;
  replace(events: readonly StoredEvent[]): Promise<void>;
  close(): void;
}

/**
 * @param create false: rejects where there is none, and leaves none (another tab may just have deleted it)
 * @param onTaken called when another tab deletes the database
 */
export async function openStore(create: boolean, onTaken: () => void): Promise<Store> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    if (create) request.result.createObjectStore(EVENTS, {autoIncrement: true});
    else request.transaction?.abort();
  };
  const database = await outcome(request);
  database.onversionchange = () => {
    database.close();
    onTaken();
  };
  return {
    load: () => outcome(database.transaction(EVENTS).objectStore(EVENTS).getAll()),
    add: (event) => write(database, (store) => store.add(event)),
    replace: (events) => write(database, (store) => {
      store.clear();
      for (const event of events) store.add(event);
    }),
    close: () => database.close(),
  };
}

export async function deleteStore(): Promise<void> {
  await outcome(indexedDB.deleteDatabase(DATABASE));
}

function write(database: IDBDatabase, change: (store: IDBObjectStore) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(EVENTS, "readwrite");
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
    change(transaction.objectStore(EVENTS));
  });
}

function outcome<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
