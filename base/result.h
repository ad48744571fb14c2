#pragma once
// A value or the reason why there is none. Nothing on the data path throws.

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace ringway {

/// Whose fault an error is, as the one who reads the log asks first.
enum class Side : std::uint8_t { client, link, origin, internal };

/// Whether what failed may be done again without an effect happening twice.
enum class Retry : std::uint8_t { safe, unsafe };

struct Error {
  Side side = Side::internal;
  Retry retry = Retry::unsafe;
  std::string message;
};

inline Error internal_error(std::string message) { return {Side::internal, Retry::unsafe, std::move(message)}; }

inline Error client_error(std::string message) { return {Side::client, Retry::unsafe, std::move(message)}; }

inline Error link_error(std::string message) { return {Side::link, Retry::unsafe, std::move(message)}; }

inline Error origin_error(std::string message) { return {Side::origin, Retry::unsafe, std::move(message)}; }

std::string_view side_name(Side side);

/// Either a T or an Error. `value()` on an error is a programming fault.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & { return *checked(); }
  [[nodiscard]] const T& value() const& { return *const_cast<Result*>(this)->checked(); }
  [[nodiscard]] T&& value() && { return std::move(*checked()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return checked(); }
  const T* operator->() const { return const_cast<Result*>(this)->checked(); }

  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

 private:
  T* checked() {
    T* value = std::get_if<0>(&state_);
    assert(value != nullptr);
    return value;
  }

  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
  bool ok_ = true;
};

}  // namespace ringway
