#pragma once
// A process that can open no more files.

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace ringway::testing {

// The sanitizer of undefined behaviour learns by a pipe whether memory can be read; without one it takes an object of
// a kind that is new to it for none. It comes with the address sanitizer.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kSanitizerNeedsDescriptors = true;
#else
inline constexpr bool kSanitizerNeedsDescriptors = false;
#endif

/// While it lives, nothing gets a descriptor of this number or above.
class NoDescriptors {
 public:
  explicit NoDescriptors(int from = 0) {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const rlimit none{static_cast<rlim_t>(from), before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoDescriptors() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_), 0); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace ringway::testing
