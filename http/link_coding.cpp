#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/exchange_codec.h"

namespace ringway::http {

namespace {

/// A response of less fits in one packet with its head, whether it is compressed or not.
constexpr std::uint64_t kMinCodedOctets = 1400;

/// `type` is in lower case, without parameters.
bool is_compressible(std::string_view type) {
  static constexpr std::array<std::string_view, 14> kTypes = {"application/graphql",
                                                              "application/javascript",
                                                              "application/json",
                                                              "application/manifest",
                                                              "application/sql",
                                                              "application/wasm",
                                                              "application/x-ndjson",
                                                              "application/vnd.ms-fontobject",
                                                              "application/x-javascript",
                                                              "application/xml",
                                                              "font/otf",
                                                              "font/ttf",
                                                              "image/bmp",
                                                              "image/svg+xml"};
  if (type.substr(0, 5) == "text/") return true;
  if (std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end()) return true;
  const std::size_t plus = type.rfind('+');
  if (plus == std::string_view::npos) return type == "application/x-www-form-urlencoded";
  return type.substr(plus) == "+json" || type.substr(plus) == "+xml";
}

}  // namespace

LinkCoding choose_coding(const Fields& fields, Content content) {
  if (content.kind == Content::Kind::none) return LinkCoding::identity;
  if (content.kind == Content::Kind::length && content.length < kMinCodedOctets) return LinkCoding::identity;
  const auto encoding = fields.find("content-encoding");
  if (encoding && !equals_ignoring_case(*encoding, "identity")) return LinkCoding::identity;
  const auto type = fields.find("content-type");
  if (!type) return LinkCoding::identity;
  return is_compressible(to_lower(trim(type->substr(0, type->find(';'))))) ? LinkCoding::zstd : LinkCoding::identity;
}

}  // namespace ringway::http
