#include "http/field_table.h"

#include <array>
#include <cstdint>

namespace ringway::http {

namespace {

// clang-format off
constexpr std::array<std::string_view, kStaticNames> kNames = {
    "accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges",
    "access-control-allow-credentials", "access-control-allow-headers", "access-control-allow-methods",
    "access-control-allow-origin", "access-control-expose-headers", "access-control-max-age",
    "access-control-request-headers", "access-control-request-method", "age", "allow", "alt-svc", "authorization",
    "cache-control", "content-disposition", "content-encoding", "content-language", "content-location",
    "content-range", "content-security-policy", "content-type", "cookie", "cross-origin-embedder-policy",
    "cross-origin-opener-policy", "cross-origin-resource-policy", "date", "dnt", "early-data", "etag", "expires",
    "forwarded", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified",
    "link", "location", "max-forwards", "origin", "permissions-policy", "pragma", "priority", "proxy-authorization",
    "range", "referer", "referrer-policy", "retry-after", "save-data", "sec-ch-ua", "sec-ch-ua-mobile",
    "sec-ch-ua-platform", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-user", "sec-gpc",
    "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-key", "sec-websocket-protocol",
    "sec-websocket-version", "server", "server-timing", "set-cookie", "strict-transport-security",
    "timing-allow-origin", "traceparent", "tracestate", "trailer", "upgrade-insecure-requests", "user-agent", "vary",
    "via", "www-authenticate", "x-cache", "x-content-type-options", "x-csrf-token", "x-forwarded-for",
    "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-frame-options", "x-powered-by", "x-real-ip",
    "x-request-id", "x-requested-with", "x-robots-tag", "x-xss-protection",
};

constexpr std::array<Field, kStaticPairs> kPairs = {{
    {"accept", "*/*"}, {"accept", "application/json"}, {"accept", "application/json, text/plain, */*"},
    {"accept", "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"}, {"accept", "text/css,*/*;q=0.1"},
    {"accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
    {"accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"},
    {"accept-encoding", "gzip"}, {"accept-encoding", "gzip, deflate"}, {"accept-encoding", "gzip, deflate, br"},
    {"accept-encoding", "gzip, deflate, br, zstd"}, {"accept-language", "en-US,en;q=0.5"},
    {"accept-language", "en-US,en;q=0.9"}, {"accept-ranges", "bytes"}, {"accept-ranges", "none"},
    {"access-control-allow-credentials", "true"}, {"access-control-allow-origin", "*"},
    {"cache-control", "max-age=0"}, {"cache-control", "max-age=31536000"}, {"cache-control", "max-age=3600"},
    {"cache-control", "max-age=86400"}, {"cache-control", "no-cache"},
    {"cache-control", "no-cache, no-store, must-revalidate"}, {"cache-control", "no-store"},
    {"cache-control", "private"}, {"cache-control", "public"}, {"cache-control", "public, max-age=31536000"},
    {"cache-control", "public, max-age=31536000, immutable"}, {"content-encoding", "br"},
    {"content-encoding", "deflate"}, {"content-encoding", "gzip"}, {"content-encoding", "zstd"},
    {"content-type", "application/javascript"}, {"content-type", "application/json"},
    {"content-type", "application/json; charset=utf-8"}, {"content-type", "application/octet-stream"},
    {"content-type", "application/pdf"}, {"content-type", "application/wasm"},
    {"content-type", "application/x-www-form-urlencoded"}, {"content-type", "application/xml"},
    {"content-type", "font/woff2"}, {"content-type", "image/avif"}, {"content-type", "image/gif"},
    {"content-type", "image/jpeg"}, {"content-type", "image/png"}, {"content-type", "image/svg+xml"},
    {"content-type", "image/webp"}, {"content-type", "image/x-icon"}, {"content-type", "text/css"},
    {"content-type", "text/css; charset=utf-8"}, {"content-type", "text/event-stream"}, {"content-type", "text/html"},
    {"content-type", "text/html; charset=UTF-8"}, {"content-type", "text/html; charset=utf-8"},
    {"content-type", "text/javascript"}, {"content-type", "text/javascript; charset=utf-8"},
    {"content-type", "text/plain"}, {"content-type", "text/plain; charset=utf-8"}, {"content-type", "video/mp4"},
    {"dnt", "1"}, {"expires", "0"}, {"expires", "-1"}, {"pragma", "no-cache"}, {"priority", "u=0, i"},
    {"priority", "u=1"}, {"priority", "u=1, i"}, {"priority", "u=2"}, {"priority", "u=5, i"},
    {"referrer-policy", "no-referrer"}, {"referrer-policy", "strict-origin-when-cross-origin"}, {"retry-after", "1"},
    {"sec-ch-ua-mobile", "?0"}, {"sec-ch-ua-mobile", "?1"}, {"sec-ch-ua-platform", "\"Android\""},
    {"sec-ch-ua-platform", "\"Linux\""}, {"sec-ch-ua-platform", "\"Windows\""}, {"sec-ch-ua-platform", "\"macOS\""},
    {"sec-fetch-dest", "document"}, {"sec-fetch-dest", "empty"}, {"sec-fetch-dest", "font"},
    {"sec-fetch-dest", "image"}, {"sec-fetch-dest", "script"}, {"sec-fetch-dest", "style"},
    {"sec-fetch-mode", "cors"}, {"sec-fetch-mode", "navigate"}, {"sec-fetch-mode", "no-cors"},
    {"sec-fetch-site", "cross-site"}, {"sec-fetch-site", "none"}, {"sec-fetch-site", "same-origin"},
    {"sec-fetch-site", "same-site"}, {"sec-fetch-user", "?1"}, {"sec-websocket-version", "13"}, {"server", "Apache"},
    {"server", "nginx"}, {"strict-transport-security", "max-age=31536000"},
    {"strict-transport-security", "max-age=31536000; includeSubDomains"}, {"upgrade-insecure-requests", "1"},
    {"vary", "Accept-Encoding"}, {"vary", "Origin"}, {"vary", "accept-encoding"},
    {"x-content-type-options", "nosniff"}, {"x-forwarded-proto", "http"}, {"x-forwarded-proto", "https"},
    {"x-frame-options", "DENY"}, {"x-frame-options", "SAMEORIGIN"}, {"x-requested-with", "XMLHttpRequest"},
    {"x-xss-protection", "0"}, {"x-xss-protection", "1; mode=block"},
}};
// clang-format on

constexpr std::size_t kSlots = 256;

constexpr std::size_t slot_of(std::string_view name) {
  const auto octet = [name](std::size_t at) { return static_cast<std::size_t>(name[at]); };
  return (name.size() * 31 + octet(0) * 7 + octet(name.size() / 2) * 3 + octet(name.size() - 1)) % kSlots;
}

/// Numbers of names by hash, each in the first free slot from its own on; 0: free.
constexpr std::array<std::uint8_t, kSlots> make_slots() {
  std::array<std::uint8_t, kSlots> slots{};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::size_t slot = slot_of(kNames[i]);
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<std::uint8_t>(i + 1);
  }
  return slots;
}

constexpr std::array<std::uint8_t, kSlots> kNameSlots = make_slots();

/// Where the pairs of each name begin; pairs are in the order of their names.
constexpr std::array<std::uint8_t, kStaticNames + 1> make_pair_begins() {
  std::array<std::uint8_t, kStaticNames + 1> begins{};
  std::size_t pair = 0;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    begins[i] = static_cast<std::uint8_t>(pair);
    while (pair < kPairs.size() && kPairs[pair].name == kNames[i]) ++pair;
  }
  begins[kStaticNames] = static_cast<std::uint8_t>(pair);
  return begins;
}

constexpr std::array<std::uint8_t, kStaticNames + 1> kPairBegins = make_pair_begins();
static_assert(kPairBegins[kStaticNames] == kStaticPairs, "pairs follow the order of the names");

}  // namespace

std::size_t static_name_id(std::string_view name) {
  if (name.empty()) return 0;
  for (std::size_t slot = slot_of(name) % kSlots;; slot = (slot + 1) % kSlots) {
    const std::size_t id = kNameSlots[slot];
    if (id == 0 || kNames[id - 1] == name) return id;
  }
}

std::string_view static_name(std::size_t id) { return kNames[id - 1]; }

std::optional<std::size_t> static_pair_id(std::size_t name_id, std::string_view value) {
  for (std::size_t pair = kPairBegins[name_id - 1]; pair < kPairBegins[name_id]; ++pair) {
    if (kPairs[pair].value == value) return pair;
  }
  return std::nullopt;
}

Field static_pair(std::size_t id) { return kPairs[id]; }

}  // namespace ringway::http
