// Runs numbered tasks on several threads and joins their results in the order of their numbers, so
// that the result does not depend on the number of threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "indexer/mine/itemsets.h"

namespace vitrine {

// Hands out the tasks 0..count-1. At most kAhead finished tasks wait for a slower one before them.
class TaskSource {
 public:
  struct Task {
    uint32_t number = 0;
    ItemsetSink* sink = nullptr;         // where the task's itemsets go
    std::unique_ptr<ItemsetSink> owned;  // ... when they have to wait for their turn
  };

  TaskSource(uint32_t count, int threads, ItemsetSink& sink)
      : count_(count), forks_(threads > 1), sink_(sink) {}

  std::optional<Task> Next() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return next_ >= count_ || next_ < joined_ + kAhead; });
    if (next_ >= count_) return std::nullopt;
    Task task{next_++, &sink_, nullptr};
    if (forks_) {
      task.owned = sink_.Fork();
      task.sink = task.owned.get();
    }
    return task;
  }

  void Done(Task& task) {
    if (!forks_) {
      ++joined_;
      return;
    }
    std::lock_guard lock(mutex_);
    waiting_[task.number] = std::move(task.owned);
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == joined_;
         first = waiting_.erase(first)) {
      sink_.Join(*first->second);
      ++joined_;
    }
    room_.notify_all();
  }

 private:
  static constexpr uint32_t kAhead = 64;

  const uint32_t count_;
  const bool forks_;
  ItemsetSink& sink_;
  std::mutex mutex_;
  std::condition_variable room_;
  uint32_t next_ = 0;
  uint32_t joined_ = 0;
  std::map<uint32_t, std::unique_ptr<ItemsetSink>> waiting_;
};

// Calls work(source) on each thread; it takes tasks until there are none.
inline void RunOrdered(uint32_t tasks, int threads, ItemsetSink& sink,
                       const std::function<void(TaskSource&)>& work) {
  TaskSource source(tasks, threads, sink);
  std::vector<std::thread> helpers;
  for (int t = 1; t < threads; ++t) helpers.emplace_back([&] { work(source); });
  work(source);
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace vitrine
