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

// Sockets (net/)
inline constexpr std::size_t kMaxConnectionsPerListener = 65536;
inline constexpr std::chrono::milliseconds kTlsHandshakeLimit = 10'000ms;
/// From the first packet to an open connection, TLS included.
inline constexpr std::chrono::milliseconds kConnectLimit = 5'000ms;
/// A finished and forgotten connection: how long its peer may take nothing of what is still to be sent.
inline constexpr std::chrono::milliseconds kLingerIdleLimit = 30'000ms;
/// The same: how long it may last in all.
inline constexpr std::chrono::milliseconds kLingerLimit = 300'000ms;
/// The same, once all is sent: how long the peer may take to close as well.
inline constexpr std::chrono::milliseconds kLingerCloseLimit = 5'000ms;
inline constexpr std::size_t kUdpSocketBufferOctets = 8 * 1024 * 1024;
/// Calls that other threads have posted to one worker.
inline constexpr std::size_t kPostedWork = 65536;

}  // namespace ringway::limits
