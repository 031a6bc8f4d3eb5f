// A SearchHost in a worker, or in this thread where the browser or the page's policy gives none.
import type {Call, SearchHost} from "./host.js";
import type {SearchCall, SearchReply} from "./worker.js";

// A worker whose script is not there may say nothing at all.
const WORKER_PATIENCE_MS = 5000;

type Method = keyof SearchHost;

export async function startSearch(workerUrl: string): Promise<SearchHost> {
  const worker = await startWorker(workerUrl);
  if (!worker) {
    const {LocalSearchHost} = await import("./host.js");  // a file of its own: few pages need it
    return new LocalSearchHost();
  }
  return remoteHost(worker);
}

function startWorker(workerUrl: string): Promise<Worker | undefined> {
  return new Promise((resolve) => {
    try {
      const worker = new Worker(trusted(workerUrl), {type: "module"});  // throws for another origin's script
      const timer = setTimeout(() => resolve(undefined), WORKER_PATIENCE_MS);
      const end = (outcome: Worker | undefined) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        end(undefined);
      };
      worker.onmessage = () => end(worker);
    } catch {
      resolve(undefined);
    }
  });
}

function remoteHost(worker: Worker): SearchHost {
  const calls = new Map<number, {resolve: (value: never) => void; reject: (error: Error) => void; progress?: Call["progress"]}>();
  let next = 0;
  worker.onmessage = ({data}: MessageEvent<SearchReply>) => {
    const call = calls.get(data.call);
    if ("loaded" in data) {
      call?.progress?.(data.loaded, data.total);
      return;
    }
    calls.delete(data.call);
    if ("error" in data) call?.reject(Object.assign(new Error(data.error), {name: data.name}));
    else call?.resolve(data.value as never);
  };
  worker.onerror = (event) => {
    for (const call of calls.values()) call.reject(new Error(event.message || "the search worker failed"));
    calls.clear();
  };
  const post = (message: SearchCall) => worker.postMessage(message);
  const call = <T>(method: Method, args: unknown[], {signal, progress}: Call = {}): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const number = next++;
      calls.set(number, {resolve, reject, ...(progress && {progress})});
      signal?.addEventListener("abort", () => post({cancel: number}), {once: true});
      post({call: number, method, args});
    });
  return {
    open: (files) => call("open", [files]),
    suggest: (text, limit) => call("suggest", [text, limit]),
    words: (question) => call("words", [question]),
    cost: (tower) => call("cost", [tower]),
    meaning: (question, more) => call("meaning", [question], more),
    photo: (photo, crop, question, more) => call("photo", [photo, crop, question], more),
    shift: (id, question, meaning, more) => call("shift", [id, question, meaning], more),
    labels: (target, labels, more) => call("labels", [target, labels], more),
    vector: (target, more) => call("vector", [target], more),
  };
}

let policy: {createScriptURL(url: string): TrustedScriptURL} | undefined;

// Pages that demand Trusted Types let the policy named "vitrine-search" name the worker.
function trusted(url: string): string {
  const {trustedTypes} = window;
  if (!trustedTypes) return url;
  policy ??= trustedTypes.createPolicy("vitrine-search", {createScriptURL: (each: string) => each});
  return policy.createScriptURL(url) as unknown as string;
}
