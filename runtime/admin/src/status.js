"use strict";
const kPoints = 120;
const kTop = 94;
const history = { rate: [], p50: [], p99: [] };
let last = null;

const element = (id) => document.getElementById(id);
const put = (id, text) => { element(id).textContent = text; };
const count = (number) => Math.round(number).toLocaleString("en");

const size = (bytes) => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) { bytes /= 1024; ++unit; }
  return (unit && bytes < 100 ? bytes.toFixed(1) : bytes.toFixed(0)) + " " + units[unit];
};

const time = (nanoseconds) => {
  if (nanoseconds === null) return "–";
  const units = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]];
  const [scale, name] = units.find(([least]) => nanoseconds >= least) || [1, "ns"];
  const value = nanoseconds / scale;
  return (value < 10 ? value.toFixed(1) : value.toFixed(0)) + " " + name;
};

const age = (milliseconds) => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"]];
  const first = parts.findIndex(([length]) => seconds >= length);
  if (first < 0) return "0s";
  return parts.slice(first, first + 2)
    .map(([length, name], place) =>
      Math.floor((place ? seconds % parts[first][0] : seconds) / length) + name).join(" ");
};

// What has been counted between two looks: [longest time, count] each. Totals that went back are
// those of a server that has been replaced.
const since = (now, before) => {
  const earlier = new Map(before);
  return now.map(([limit, total]) => [limit, Math.max(0, total - (earlier.get(limit) || 0))]);
};

const quantile = (buckets, part) => {
  const wanted = Math.ceil(part * buckets.reduce((all, [, some]) => all + some, 0));
  let seen = 0;
  for (const [limit, some] of buckets) {
    seen += some;
    if (some && seen >= wanted) return limit;
  }
  return null;
};

const remember = (name, value) => {
  history[name].push(value);
  if (history[name].length > kPoints) history[name].shift();
};

const points = (values, top) => {
  const start = kPoints - values.length;
  return values.map((value, x) => value === null ? "" : `${start + x},${98 - kTop * value / top}`)
    .join(" ").trim();
};

const draw = () => {
  const most = Math.max(1, ...history.rate);
  const line = points(history.rate, most);
  element("rate-line").setAttribute("points", line);
  element("rate-area").setAttribute("points",
    `${kPoints - history.rate.length},100 ${line} ${kPoints - 1},100`);
  put("rate-top", `at most ${count(most)}`);
  const slowest = Math.max(0, ...history.p99);
  if (slowest > 0) {
    element("p50-line").setAttribute("points", points(history.p50, slowest));
    element("p99-line").setAttribute("points", points(history.p99, slowest));
    put("latency-top", `at most ${time(slowest)}`);
  }
};

const row = (cells) => {
  const line = document.createElement("tr");
  for (const cell of cells) line.insertCell().textContent = cell;
  return line;
};

const fact = (name, value) => {
  const pair = document.createElement("div");
  pair.append(document.createElement("dt"), document.createElement("dd"));
  pair.children[0].textContent = name;
  pair.children[1].textContent = value;
  return pair;
};

const parts = (counts) => Object.entries(counts).filter(([, some]) => some > 0)
  .map(([name, some]) => `${name} ${count(some)}`).join(" · ") || "–";

const showTotals = (status) => {
  const { latency, tls } = status;
  element("totals").replaceChildren(
    fact("requests", count(status.requests)),
    fact("content", size(status.bytes)),
    fact("answers", parts(status.statuses)),
    fact("protocols", parts(status.protocols)),
    fact("encodings", parts(status.encodings)),
    fact("connections accepted", count(status.accepted)),
    fact("connections turned away", count(status.rejected)),
    fact("TLS handshakes", parts(tls)),
    fact("90 % within", time(latency.count ? latency.p90_ns : null)),
    fact("99 % within", time(latency.count ? latency.p99_ns : null)),
    fact("99.9 % within", time(latency.count ? latency.p999_ns : null)));
};

const showRates = (status) => {
  const seconds = (status.time - last.time) / 1000;
  const rate = Math.max(0, status.requests - last.requests) / seconds;
  const fresh = since(status.latency.buckets, last.latency.buckets);
  remember("rate", rate);
  remember("p50", quantile(fresh, 0.5));
  remember("p99", quantile(fresh, 0.99));
  put("rate", rate < 10 ? rate.toFixed(1) : count(rate));
  put("traffic", size(Math.max(0, status.bytes - last.bytes) / seconds));
  put("p50", time(history.p50.at(-1)));
  put("p99", time(history.p99.at(-1)));
  draw();
};

const show = (status) => {
  element("state").className = status.ready ? "" : "bad";
  put("state", status.ready ? "ready" : "not ready");
  put("about", `version ${status.version}, up ${age(status.time - status.started_at)}`);
  put("connections", count(status.connections));
  put("flight", count(status.in_flight));
  put("memory", size(status.resident_size));
  showTotals(status);
  if (last && status.time > last.time) showRates(status);
  last = status;
  element("queue-section").hidden = status.queues.length === 0;
  element("queues").replaceChildren(...status.queues.map((queue) => row([
    queue.name, queue.waiting, queue.running, queue.concurrency, count(queue.finished),
    parts(queue.refused), time(queue.finished ? queue.waited_ns / queue.finished : null)])));
  element("workers").replaceChildren(...status.workers.map((worker, index) => row([
    index, worker.process || "–", worker.state,
    worker.process ? age(status.time - worker.started_at) : "–",
    worker.starts, count(worker.connections), count(worker.requests),
    size(worker.resident_size)])));
};

const look = async () => {
  try {
    show(await (await fetch("status.json", { cache: "no-store" })).json());
    document.body.dataset.looks = 1 + Number(document.body.dataset.looks || 0);
  } catch {
    element("state").className = "bad";
    put("state", "no answer");
  }
  setTimeout(look, 1000);
};
look();
