// Runs independent pieces of work on several threads. The pieces do not depend on the number of
// threads, so neither do the results.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "shared/result.h"

namespace vitrine {

inline unsigned ThreadCount(unsigned asked) {
  return asked > 0 ? asked : std::max(1u, std::thread::hardware_concurrency());
}

// Calls work(piece) for every piece in 0..pieces-1, each once, in any order.
template <typename Work>
void ForEachPiece(size_t pieces, unsigned threads, Work&& work) {
  std::atomic<size_t> next = 0;
  const auto run = [&] {
    for (size_t i = next++; i < pieces; i = next++) work(i);
  };
  std::vector<std::thread> helpers;
  const size_t wanted = std::min<size_t>(ThreadCount(threads), pieces);
  for (size_t i = 1; i < wanted; ++i) helpers.emplace_back(run);
  run();
  for (std::thread& helper : helpers) helper.join();
}

// A queue between threads that holds at most `capacity` things, so that a quick stage does not fill
// the memory in front of a slow one.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  // Waits while the queue is full; false when it was closed, and the thing is dropped.
  bool Push(T thing) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || things_.size() < capacity_; });
    if (closed_) return false;
    things_.push_back(std::move(thing));
    changed_.notify_all();
    return true;
  }
  // Waits for a thing; none when the queue was closed and is empty.
  std::optional<T> Pop() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !things_.empty(); });
    if (things_.empty()) return std::nullopt;
    std::optional<T> thing(std::move(things_.front()));
    things_.pop_front();
    changed_.notify_all();
    return thing;
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  const size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> things_;
  bool closed_ = false;
};

// Two stages side by side: make(piece) -> Made prepares every piece in 0..pieces-1, use(Made) ->
// Status takes what was made; each on as many threads as asked for, at most two things per thread
// waiting in between. Both are called from several threads. The first error ends everything.
template <typename Made, typename Make, typename Use>
Status RunStages(size_t pieces, unsigned threads, Make&& make, Use&& use) {
  const size_t workers = std::min<size_t>(ThreadCount(threads), std::max<size_t>(pieces, 1));
  BoundedQueue<Made> queue(2 * workers);
  std::atomic<size_t> next = 0, makers_left = workers;
  std::atomic<bool> failed = false;
  std::mutex mutex;
  Status status;
  const auto produce = [&] {
    for (size_t i = next++; i < pieces && !failed; i = next++) {
      if (!queue.Push(make(i))) break;
    }
    if (--makers_left == 0) queue.Close();
  };
  const auto consume = [&] {
    while (auto made = queue.Pop()) {
      if (failed) continue;
      Status used = use(std::move(*made));
      if (used.ok()) continue;
      const std::lock_guard lock(mutex);
      if (status.ok()) status = used;
      failed = true;
    }
  };
  std::vector<std::thread> helpers;
  for (size_t i = 0; i < workers; ++i) helpers.emplace_back(produce);
  for (size_t i = 1; i < workers; ++i) helpers.emplace_back(consume);
  consume();
  for (std::thread& helper : helpers) helper.join();
  return status;
}

}  // namespace vitrine
