// Work on independent chunks by a fixed number of threads. The chunks do not depend on the number
// of threads, so whoever combines their results in order of the chunks is deterministic.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace vitrine {

// Calls work(begin, end) for the chunks of `chunk` consecutive numbers that cover [0, count).
// `threads` 0 = as many as the machine has. work must not throw.
template <typename Work>
void ParallelChunks(size_t count, size_t chunk, size_t threads, const Work& work) {
  const size_t chunks = (count + chunk - 1) / chunk;
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  threads = std::min(threads, chunks);
  std::atomic<size_t> next{0};
  auto run = [&] {
    for (size_t c = next++; c < chunks; c = next++) {
      work(c * chunk, std::min(count, (c + 1) * chunk));
    }
  };
  std::vector<std::thread> pool;
  for (size_t t = 1; t < threads; ++t) pool.emplace_back(run);
  run();
  for (std::thread& thread : pool) thread.join();
}

}  // namespace vitrine
