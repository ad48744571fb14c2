#include "manager/rest/asset_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "manager/rest/answer.h"
#include "manager/rest/problem.h"

namespace ringway::manager {

namespace {

constexpr std::string_view kPageName = "index.html";

/// Nothing from elsewhere, nothing written into the page itself, and no text that is taken for markup.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

const Asset* find_asset(std::string_view name) {
  const std::span<const Asset> assets = dashboard_assets();
  const auto found = std::find_if(assets.begin(), assets.end(), [&](const Asset& each) { return each.name == name; });
  return found == assets.end() ? nullptr : &*found;
}

/// RFC 9110 §13.1.2, of tags without a comma in them.
bool is_named(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

Reply asset_reply(const Request& request, std::string_view name) {
  const Asset* asset = find_asset(name);
  if (asset == nullptr) return problem_reply(not_found(fmt::format("the dashboard has no file {}", name)), request);
  Reply reply;
  reply.type = asset->type;
  reply.fields = {{"etag", std::string(asset->etag)},
                  {"cache-control", "no-cache"},
                  {"content-security-policy", kPolicy},
                  {"referrer-policy", "no-referrer"},
                  {"cross-origin-opener-policy", "same-origin"},
                  {"cross-origin-resource-policy", "same-origin"}};
  if (is_named(request.field("if-none-match"), asset->etag)) {
    reply.status = 304;
  } else {
    reply.body = asset->content;
  }
  return reply;
}

}  // namespace

void add_asset_operations(Router& router) {
  router.add({"GET",
              "/",
              "dashboard",
              "The dashboard.",
              std::nullopt,
              {},
              nullptr,
              nullptr,
              [](const Request& request, const PathValues&, const Respond& respond) {
                respond(asset_reply(request, kPageName));
              }});
  router.add({"GET",
              "/assets/{name}",
              "dashboard-asset",
              "A file of the dashboard.",
              std::nullopt,
              {},
              nullptr,
              nullptr,
              [](const Request& request, const PathValues& values, const Respond& respond) {
                respond(asset_reply(request, values[0]));
              }});
}

}  // namespace ringway::manager
