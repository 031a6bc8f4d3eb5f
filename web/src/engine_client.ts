// An EngineHost in a worker, or in this thread where the browser or the page's policy gives none.
import type {EngineFilter, EngineQuestion, EngineResult} from "./engine.js";
import type {EngineFiles, EngineHost, EngineReport} from "./host.js";
import type {WorkerAnswer, WorkerCall} from "./worker.js";

const WORKER_TIMEOUT_MS = 10_000;

/** Opens the engine in a worker, else in this thread. Throws when there is none to be had at all. */
export async function openEngine(
    files: EngineFiles, workerUrl?: string,
): Promise<{host: EngineHost; report: EngineReport; thread: "worker" | "main"}> {
  const worker = await startWorker(() => makeWorker(workerUrl));
  if (worker) {
    return {host: worker, report: await worker.open(files), thread: "worker"};
  }
  const {LocalEngineHost} = await import("./host.js");  // a file of its own: few pages need it
  const host = new LocalEngineHost();
  return {host, report: await host.open(files), thread: "main"};
}

class WorkerEngineHost implements EngineHost {
  #worker: Worker;
  #calls = new Map<number, {resolve: (value: never) => void; reject: (error: Error) => void}>();
  #next = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({data}: MessageEvent<WorkerAnswer>) => {
      const call = this.#calls.get(data.call);
      this.#calls.delete(data.call);
      if ("error" in data) call?.reject(new Error(data.error));
      else call?.resolve(data.value as never);
    };
    const fail = (message: string) => {
      for (const call of this.#calls.values()) call.reject(new Error(message));
      this.#calls.clear();
    };
    worker.onerror = (event) => fail(event.message || "the worker failed");
    worker.onmessageerror = () => fail("the worker's answer could not be read");
  }

  open(files: EngineFiles): Promise<EngineReport> {
    return this.#call("open", [files]);
  }

  complete(): Promise<EngineReport> {
    return this.#call("complete", []);
  }

  answer(question: EngineQuestion, limit: number, filter?: EngineFilter): Promise<EngineResult[]> {
    return this.#call("answer", [question, limit, filter]);
  }

  #call<T>(method: WorkerCall["method"], args: unknown[]): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = this.#next++;
      this.#calls.set(call, {resolve, reject});
      this.#worker.postMessage({call, method, args});
    });
  }
}

// A worker whose script could not be loaded only says so by an error event, and one whose script never
// comes says nothing, so the first answer decides whether it lives: an answer to a call that it cannot
// serve is still an answer.
function startWorker(makeWorker: () => Worker): Promise<WorkerEngineHost | undefined> {
  return new Promise((resolve) => {
    try {
      const worker = makeWorker();  // throws for another origin's script
      const giveUp = () => {
        worker.terminate();
        resolve(undefined);
      };
      const timer = setTimeout(giveUp, WORKER_TIMEOUT_MS);
      worker.onerror = (event) => {
        event.preventDefault();
        clearTimeout(timer);
        giveUp();
      };
      worker.onmessage = () => {
        clearTimeout(timer);
        resolve(new WorkerEngineHost(worker));
      };
      worker.postMessage({call: -1, method: "answer", args: [{ask: "popular"}, 0]});
    } catch {
      resolve(undefined);
    }
  });
}

// Beside this script; bundlers of shops know the form `new Worker(new URL(…))`.
function makeWorker(workerUrl?: string): Worker {
  if (workerUrl) return new Worker(trusted(new URL(workerUrl, document.baseURI).href), {type: "module"});
  if (window.trustedTypes) {
    return new Worker(trusted(new URL("./worker.js", import.meta.url).href), {type: "module"});
  }
  return new Worker(new URL("./worker.js", import.meta.url), {type: "module"});
}

let policy: {createScriptURL(url: string): TrustedScriptURL} | undefined;

// Pages that demand Trusted Types let the policy named "vitrine" name a worker.
function trusted(url: string): string {
  const {trustedTypes} = window;
  if (!trustedTypes) return url;
  policy ??= trustedTypes.createPolicy("vitrine", {createScriptURL: (each: string) => each});
  return policy.createScriptURL(url) as unknown as string;
}
