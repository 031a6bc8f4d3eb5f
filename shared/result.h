// Result<T>: a value or an Error, for everything that bad input can cause.
//
//   Result<Catalogue> catalogue = ReadCatalogue(path);
//   if (!catalogue.ok()) return catalogue.error();
//   Use(catalogue.value());
//
// or, inside a function that returns Result or Status:
//
//   VITRINE_ASSIGN(auto catalogue, ReadCatalogue(path));
//
// Programmer errors (an index out of range, a missing Open()) are asserts, never Results.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace vitrine {

// The process exit code that an error leads to (the numbers are a promise of the command line).
enum class ErrorKind : int {
  kFailed = 1,       // the data or the machine does not allow it
  kUsage = 2,        // flags or configuration are wrong
  kQualityGate = 3,  // the result is not good enough to publish
};

// What went wrong, where (file:line, field) and how to mend it, in one message for a person.
struct Error {
  std::string message;
  ErrorKind kind = ErrorKind::kFailed;
};

inline Error UsageError(std::string message) { return {std::move(message), ErrorKind::kUsage}; }

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return state_.index() == 0; }
  // REQUIRES: ok().
  T& value() { return assert(ok()), *std::get_if<0>(&state_); }
  const T& value() const { return assert(ok()), *std::get_if<0>(&state_); }
  // REQUIRES: !ok().
  const Error& error() const { return assert(!ok()), *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

// Success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT: implicit by design

  bool ok() const { return ok_; }
  const Error& error() const { return assert(!ok_), error_; }

 private:
  Error error_;
  bool ok_ = true;
};

inline Status Ok() { return {}; }

#define VITRINE_CONCAT_INNER(a, b) a##b
#define VITRINE_CONCAT(a, b) VITRINE_CONCAT_INNER(a, b)
// Evaluates a Status or Result; returns its error from the enclosing function.
#define VITRINE_RETURN_IF_ERROR(expression)                  \
  do {                                                       \
    auto&& vitrine_status = (expression);                    \
    if (!vitrine_status.ok()) return vitrine_status.error(); \
  } while (false)
// Declares `lhs` from a Result's value; returns its error from the enclosing function.
#define VITRINE_ASSIGN(lhs, expression) \
  VITRINE_ASSIGN_INNER(lhs, expression, VITRINE_CONCAT(vitrine_result_, __LINE__))
#define VITRINE_ASSIGN_INNER(lhs, expression, name) \
  auto name = (expression);                         \
  if (!name.ok()) return name.error();              \
  lhs = std::move(name.value())

}  // namespace vitrine
