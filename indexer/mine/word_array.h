// A growing array of 32-bit words that is neither cleared nor copied when it grows: hundreds of
// megabytes of baskets move by remapping pages (glibc's realloc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace vitrine {

class WordArray {
 public:
  WordArray() = default;
  WordArray(WordArray&& other) noexcept
      : words_(std::move(other.words_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  WordArray& operator=(WordArray&& other) noexcept {
    std::swap(words_, other.words_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }

  uint32_t* data() { return words_.get(); }
  const uint32_t* data() const { return words_.get(); }
  size_t size() const { return size_; }
  std::span<const uint32_t> span() const { return {words_.get(), size_}; }
  uint32_t& operator[](size_t i) { return words_[i]; }

  void push_back(uint32_t word) {
    if (size_ == capacity_) Reserve(capacity_ == 0 ? 1024 : capacity_ + capacity_ / 2);
    words_[size_++] = word;
  }
  // Writes a word behind the end, where a scan stops. Lost when the array changes.
  void Seal(uint32_t word) {
    push_back(word);
    --size_;
  }
  // Adds `size` words of any value. REQUIRES: they were reserved.
  void Extend(size_t size) { size_ += size; }
  // REQUIRES: not more than the size.
  void Truncate(size_t size) { size_ = size; }
  void Reserve(size_t capacity) {
    void* grown = std::realloc(words_.get(), capacity * sizeof(uint32_t));
    if (grown == nullptr) throw std::bad_alloc();
    (void)words_.release();
    words_.reset(static_cast<uint32_t*>(grown));
    capacity_ = capacity;
  }

 private:
  struct Free {
    void operator()(uint32_t* words) const { std::free(words); }
  };
  std::unique_ptr<uint32_t[], Free> words_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace vitrine
