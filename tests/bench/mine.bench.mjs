// What mining costs: CPU seconds and peak memory of `vitrine mine` and `vitrine partners`, from file to
// file, on shop-like baskets that are generated and on dense sets where there are any.
//
//   node tests/bench/mine.bench.mjs [--big] [FILE.dat@MIN_COUNT …]
//
// --big adds ten million baskets. VITRINE_BENCH_MINER, a command with {count}, {in} and {out}, is an
// external miner that is run beside ours. Baskets come from ../shared/tools/basket_generator.cpp where it
// stands, so that figures can be compared with published ones, else from the generator below.
import {spawn, spawnSync} from "node:child_process";
import {createWriteStream, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {fileURLToPath} from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const vitrine = join(root, "build", "vitrine");
const folder = mkdtempSync(join(tmpdir(), "vitrine-bench-"));
process.on("exit", () => rmSync(folder, {recursive: true, force: true}));

const kRepeats = 3;

// Runs a command, of which the fastest of some runs counts: its seconds of CPU and of wall clock (bash's
// own clock) and the largest resident memory (the kernel's own high-water mark).
async function measured(command) {
  let best;
  for (let run = 0; run < kRepeats; ++run) {
    const one = await runOnce(command);
    if (one.code !== 0) return one;
    best = best === undefined ? one : {
      code: 0, cpu: Math.min(best.cpu, one.cpu), wall: Math.min(best.wall, one.wall), peak: Math.max(best.peak, one.peak)};
    if (one.wall > 20) break;  // long enough to be steady
  }
  return best;
}

async function runOnce(command) {
  const shell = spawn("bash", ["-c", `TIMEFORMAT='%R %U %S'; time { ${command}; }`], {stdio: ["ignore", "ignore", "pipe"]});
  let text = "";
  shell.stderr.on("data", (part) => (text += part));
  let peak = 0;
  const watch = setInterval(() => {
    for (const pid of childrenOf(shell.pid)) {
      peak = Math.max(peak, (/VmHWM:\s+(\d+)/.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? 0) / 1024);
    }
  }, 5);
  const code = await new Promise((done) => shell.on("close", done));
  clearInterval(watch);
  const [wall, user, system] = text.trimEnd().split("\n").at(-1).split(" ").map(Number);
  return {code, cpu: user + system, wall, peak};
}

function readIfThere(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function childrenOf(pid) {
  return readIfThere(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean);
}

function print(what, {cpu, wall, peak, code}, note = "") {
  if (code !== 0) process.exitCode = 1;
  const cost = code === 0
    ? `${cpu.toFixed(2).padStart(7)} s CPU ${wall.toFixed(2).padStart(7)} s ${peak.toFixed(0).padStart(5)} MiB` : `failed with ${code}`;
  console.log(`${what.padEnd(44)} ${cost}  ${note}`);
}

// Says whether two files are the same; the benchmark fails when they are not.
function compared(one, other) {
  if (spawnSync("cmp", [one, other]).status === 0) return "same bytes";
  process.exitCode = 1;
  return "OTHER BYTES";
}

// Baskets as a shop has them: popularity falls with a power of the rank, and half of what is bought
// comes from sets that are bought together.
async function generate(path, count, seed) {
  const kItems = 100_000, kSets = 20_000;
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let x = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  };
  const popular = (n) => Math.floor(n * random() ** 4);
  const sets = Array.from({length: kSets}, () =>
    Array.from({length: 2 + popular(5)}, () => (random() < 0.5 ? popular(kItems) : Math.floor(random() * kItems))));
  const out = createWriteStream(path);
  let text = "";
  for (let b = 0; b < count; ++b) {
    const basket = new Set();
    for (let wanted = 1 + Math.floor(random() * 10); basket.size < wanted;) {
      const bought = random() < 0.55 ? sets[popular(kSets)] : [popular(kItems)];
      for (const item of bought) if (random() < 0.8) basket.add(item + 1);
    }
    text += [...basket].sort((a, b) => a - b).join(" ") + "\n";
    if (text.length < 1 << 20 && b + 1 < count) continue;
    if (!out.write(text)) await new Promise((done) => out.once("drain", done));
    text = "";
  }
  await new Promise((done) => out.end(done));
}

async function makeBaskets(count) {
  const path = join(folder, `${count}.dat`);
  const source = join(root, "../shared/tools/basket_generator.cpp");
  if (!existsSync(source)) {
    await generate(path, count, 7);
    return path;
  }
  const program = join(folder, "generator");
  if (!existsSync(program)) spawnSync("c++", ["-O2", "-o", program, source], {stdio: "inherit"});
  spawnSync(program, [count, 100000, 20000, 6, 7].map(String), {stdio: ["ignore", openSync(path, "w"), "inherit"]});
  return path;
}

// One file at one minimum count: alone, with two threads, in little memory, and beside an external miner.
async function mine(name, path, count, memory) {
  const out = (which) => join(folder, `itemsets.${which}`);
  const command = (which, more = "") =>
    `${vitrine} -q mine --baskets ${path} --min-count ${count} --max-itemsets 0 --itemsets ${out(which)} ${more}`;
  const alone = await measured(command("alone"));
  const lines = spawnSync("wc", ["-l", out("alone")]).stdout.toString().split(" ")[0];
  print(`${name}, at least ${count}`, alone, `${lines} itemsets`);
  const two = await measured(command("threads", "--threads 2"));
  print("  2 threads", two, `${compared(out("alone"), out("threads"))}, ${(alone.wall / two.wall).toFixed(2)} x as fast`);
  if (memory) {
    const small = await measured(command("memory", `--memory ${memory}`));
    print(`  --memory ${memory}`, small, `${compared(out("alone"), out("memory"))}, ${(small.cpu / alone.cpu).toFixed(1)} x the CPU`);
  }
  const external = process.env.VITRINE_BENCH_MINER;
  if (!external) return;
  const other = await measured(external.replace("{count}", count).replace("{in}", path).replace("{out}", out("external")));
  print("  external miner", other, `${(other.cpu / alone.cpu).toFixed(1)} x our CPU`);
}

// A window of days, from which one goes and into which one comes each night, without and with the
// question for everybody's partners.
async function state(path, window) {
  const nights = 2 * Math.floor(window / 4);
  const day = (d) => join(folder, `day.${String(d).padStart(3, "0")}`);
  spawnSync("split", ["-n", `l/${window + nights}`, "-d", "-a", "3", path, join(folder, "day.")]);
  const days = (from, to) => Array.from({length: to - from}, (_, d) => day(from + d)).join(" ");
  const pairs = join(folder, "state.pairs");
  const partners = (name) => join(folder, `partners.${name}`);
  print(`pairs of ${window} days`, await measured(`${vitrine} -q partners --add ${days(0, window)} --save ${pairs}`));
  const meanOf = (runs) => ({...runs[0], cpu: runs.reduce((total, one) => total + one.cpu, 0) / runs.length,
    wall: runs.reduce((total, one) => total + one.wall, 0) / runs.length, peak: Math.max(...runs.map((one) => one.peak))});
  const nightly = async (from, to, out) => {
    const runs = [];
    for (let night = from; night < to; ++night) {
      runs.push(await runOnce(`${vitrine} -q partners --state ${pairs} --add ${day(window + night)} ` +
        `--retire ${day(night)} --save ${pairs} ${out}`));
      if (runs.at(-1).code !== 0) print("  a night", runs.at(-1));
    }
    return meanOf(runs);
  };
  const anew = async (out) => {
    const runs = [];
    for (let run = 0; run < kRepeats; ++run) {
      runs.push(await runOnce(`${vitrine} -q partners --add ${days(nights, window + nights)} ${out}`));
    }
    return meanOf(runs);  // a mean, as of the nights
  };
  const share = (one, of) => `${(100 * one.cpu / of.cpu).toFixed(1)} % of the CPU, mean of ${nights / 2} nights`;
  const silent = await nightly(0, nights / 2, "");
  const asked = await nightly(nights / 2, nights, `--out ${partners("state")}`);
  const counted = await anew(`--save ${join(folder, "anew.pairs")}`);
  const answered = await anew(`--out ${partners("anew")}`);
  print("  counted anew", counted, `${statSync(join(folder, "anew.pairs")).size} bytes`);
  print("  a night: a day comes, a day goes", silent, `${share(silent, counted)}, ${statSync(pairs).size} bytes`);
  print("  counted anew, all partners written", answered);
  print("  a night, all partners written", asked, share(asked, answered));
  console.log(`  ${compared(partners("state"), partners("anew"))}`);
}

const args = process.argv.slice(2);
const million = await makeBaskets(1_000_000);
await mine("1M baskets", million, 1000, "16M");
await mine("1M baskets", million, 50, "16M");
await mine("1M baskets", million, 10);
await mine("1M baskets", million, 5);
await state(million, 30);
await state(million, 90);
const data = join(process.env.VITRINE_DATA ?? join(root, "../shared/data"), "mining");
const dense = [["chess", 1598], ["mushroom", 813], ["connect", 60802]].map(([name, count]) => [join(data, `${name}.dat`), count]);
const asked = args.filter((arg) => arg.includes("@")).map((arg) => [arg.slice(0, arg.lastIndexOf("@")), arg.slice(arg.lastIndexOf("@") + 1)]);
for (const [path, count] of [...dense, ...asked]) {
  if (existsSync(path)) await mine(path.split("/").at(-1), path, count);
}
if (args.includes("--big")) await mine("10M baskets", await makeBaskets(10_000_000), 1000, "256M");
