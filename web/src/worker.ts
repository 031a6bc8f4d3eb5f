// The worker's side of engine_client.ts: each message is a call, each answer carries its number.
import {LocalEngineHost, type EngineHost} from "./host.js";

export type WorkerCall = {
  [M in keyof EngineHost]: {call: number; method: M; args: Parameters<EngineHost[M]>};
}[keyof EngineHost];

export type WorkerAnswer = {call: number; value: unknown} | {call: number; error: string};

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<WorkerCall>) => void) | null;
  postMessage(answer: WorkerAnswer): void;
};

const host = new LocalEngineHost();
scope.onmessage = async ({data}) => {
  try {
    const method = host[data.method] as (...args: unknown[]) => Promise<unknown>;
    scope.postMessage({call: data.call, value: await method.apply(host, data.args)});
  } catch (error) {
    scope.postMessage({call: data.call, error: error instanceof Error ? error.message : String(error)});
  }
};
