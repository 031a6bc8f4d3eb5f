// Work that a thread of its own does ahead, block by block and in order, so that two steps of a
// stream use two cores. Blocks come back to be filled again: what they hold is allocated once.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "shared/result.h"

namespace vitrine {

template <typename Block>
class Ahead {
 public:
  // In the thread: fills a block that may hold an earlier one's content. False: there is no more,
  // and the block is not used. After false or an error it is not called again.
  using Fill = std::function<Result<bool>(Block&)>;

  // At most `blocks` filled ones wait.
  explicit Ahead(Fill fill, size_t blocks = 4)
      : fill_(std::move(fill)), blocks_(blocks), thread_([this] { Run(); }) {}
  ~Ahead() {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;

  // Puts the next block into `block`, whose content goes back to be filled anew. False at the end;
  // the error of `fill` behind the blocks before it.
  Result<bool> Next(Block& block) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !ready_.empty() || done_; });
    if (ready_.empty()) {
      if (error_) return *error_;
      return false;
    }
    std::swap(block, ready_.front());
    used_.push_back(std::move(ready_.front()));
    ready_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return true;
  }

 private:
  void Run() {
    Block block;
    for (;;) {
      Result<bool> more = fill_(block);
      std::unique_lock lock(mutex_);
      if (!more.ok() || !more.value()) {
        if (!more.ok()) error_ = more.error();
        done_ = true;
        changed_.notify_all();
        return;
      }
      changed_.wait(lock, [this] { return ready_.size() < blocks_ || stop_; });
      if (stop_) return;
      ready_.push_back(std::move(block));
      block = Block();
      if (!used_.empty()) {
        block = std::move(used_.back());
        used_.pop_back();
      }
      changed_.notify_all();
    }
  }

  Fill fill_;
  size_t blocks_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Block> ready_;
  std::vector<Block> used_;
  std::optional<Error> error_;
  bool done_ = false, stop_ = false;
  std::thread thread_;
};

}  // namespace vitrine
