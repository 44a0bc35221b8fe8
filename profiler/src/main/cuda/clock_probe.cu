// How fast the multiprocessors run right now: the cycles and the nanoseconds of a busy loop of a given length. While it
// runs, the host can queue what is to be timed after it.
//
// Grid: one thread. out [2]: cycles, nanoseconds.
extern "C" __global__ void clock_probe(long long* __restrict__ out, long long nanoseconds) {
  long long started;
  long long now;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(started));
  // The timer ticks in steps of up to a microsecond; begin at a tick.
  do {
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
  } while (now == started);
  started = now;
  const long long firstCycle = clock64();
  do {
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
  } while (now < started + nanoseconds);
  out[0] = clock64() - firstCycle;
  out[1] = now - started;
}
