// Loaded into the server process with --import: answers what only the process itself knows.

const stepMs = 10;
let [time, cpu] = [performance.now(), process.cpuUsage()];
let longestStopMs = 0;

// How late a timer is, as far as this process was busy: on a machine with other work, a process waits
// for a CPU, too.
setInterval(() => {
  const late = performance.now() - time - stepMs;
  const { user, system } = process.cpuUsage(cpu);
  longestStopMs = Math.max(longestStopMs, Math.min(late, (user + system) / 1_000));
  [time, cpu] = [performance.now(), process.cpuUsage()];
}, stepMs).unref();

process.on('message', () => {
  const stopMs = longestStopMs;
  // Twice, so that what finalizers release is gone as well.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  process.send?.({ longestStopMs: stopMs, heapMegabytes: heapUsed / 1e6, rssMegabytes: rss / 1e6 });
  // Without the garbage collections that were asked for.
  longestStopMs = 0;
  [time, cpu] = [performance.now(), process.cpuUsage()];
});
// The connection to the parent must not keep the process alive.
process.channel?.unref();
