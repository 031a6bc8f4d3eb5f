/**
 * What a WebAssembly module of ours imports. It computes only, but its C++ library may ask for a few
 * system calls: every one is there and refuses (WASI errno 52, "not supported"). Growing memory is
 * merely reported.
 */
export function systemImports(module: WebAssembly.Module): WebAssembly.Imports {
  const imports: Record<string, Record<string, unknown>> = {};
  for (const {module: space, name, kind} of WebAssembly.Module.imports(module)) {
    if (kind !== "function") continue;
    (imports[space] ??= {})[name] = name === "proc_exit" || name === "abort"
      ? () => { throw new Error("the engine stopped"); }
      : () => (name === "emscripten_notify_memory_growth" ? undefined : 52);
  }
  return imports as WebAssembly.Imports;
}
