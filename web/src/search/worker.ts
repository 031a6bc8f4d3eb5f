// The worker's side of client.ts: each message is a call, each answer carries its number; a call may
// be given up, and tells how far a download is.
import {LocalSearchHost, type SearchHost} from "./host.js";

export type SearchCall = {call: number; method: keyof SearchHost; args: unknown[]} | {cancel: number};
export type SearchReply =
  | {call: number; value: unknown}
  | {call: number; error: string; name: string}
  | {call: number; loaded: number; total: number};

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<SearchCall>) => void) | null;
  postMessage(reply: SearchReply): void;
};

const host = new LocalSearchHost();
const running = new Map<number, AbortController>();

scope.onmessage = async ({data}) => {
  if ("cancel" in data) {
    running.get(data.cancel)?.abort();
    return;
  }
  const {call, method, args} = data;
  const abort = new AbortController();
  running.set(call, abort);
  try {
    const answer = host[method] as (...all: unknown[]) => Promise<unknown>;
    const more = {signal: abort.signal, progress: (loaded: number, total: number) => scope.postMessage({call, loaded, total})};
    scope.postMessage({call, value: await answer.call(host, ...args, more)});
  } catch (error) {
    const {name, message} = error instanceof Error ? error : {name: "Error", message: String(error)};
    scope.postMessage({call, error: message, name});
  } finally {
    running.delete(call);
  }
};
scope.postMessage({call: -1, value: undefined});  // it lives
