#pragma once
// Every bound of the project in one place, units in the names. What an operator may change is a setting
// with one of these as its default or its ceiling.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ringway::limits {

using namespace std::chrono_literals;

// Link
inline constexpr std::size_t kMaxSiteNameOctets = 63;
inline constexpr std::chrono::milliseconds kMaxReconnectDelay = 2000ms;
inline constexpr std::size_t kMinPacketOctets = 1200;
inline constexpr std::size_t kMaxPacketOctets = 1472;
/// Unsent octets of one stream above which its writer is asked to wait.
inline constexpr std::size_t kStreamUnsentOctets = 128 * 1024;

// HTTP
inline constexpr std::size_t kMaxDecodedPerFeed = 256 * 1024;

// TCP
/// Received octets of one connection that were not yet consumed, above which it is not read.
inline constexpr std::size_t kTcpReceiveOctets = 128 * 1024;
/// Unsent octets of one connection above which its writer is asked to wait.
inline constexpr std::size_t kTcpUnsentOctets = 128 * 1024;

}  // namespace ringway::limits
