#pragma once
// A manager's API in memory: requests go in as octets of a connection, replies come out as a client reads them. Time
// stands still; writes reach the store in the turn after, or when the test lets them.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/config_json.h"
#include "base/log.h"
#include "manager/access/authenticator.h"
#include "manager/resources/kinds.h"
#include "manager/rest/access_api.h"
#include "manager/rest/api_server.h"
#include "manager/rest/draft_api.h"
#include "manager/rest/enrolment_api.h"
#include "manager/rest/event_stream.h"
#include "manager/rest/log_api.h"
#include "manager/rest/resource_api.h"
#include "manager/rest/revision_api.h"
#include "manager/store/memory_store.h"
#include "tests/support/fake_stream.h"
#include "tests/support/manual_loop.h"

namespace ringway::manager::testing {

using ringway::testing::FakeStream;
using ringway::testing::FarEnd;
using ringway::testing::ManualLoop;

struct Answered {
  int status = 0;
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;

  [[nodiscard]] std::string etag() const { return field("etag"); }
  [[nodiscard]] std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
  /// The body as a tree; a null node where it is no JSON.
  [[nodiscard]] config::TreeNode json() const;
  /// Of the list that is the body's member.
  [[nodiscard]] std::vector<config::TreeNode> items(std::string_view member) const;
  /// What stands at the end of such a path, "errors/0/pointer": a scalar's text, or JSON; "-" where nothing does.
  [[nodiscard]] std::string at(std::string_view path) const;
};
/// The first whole reply in `text`.
Answered parse_reply(const std::string& text);

using Headers = std::map<std::string, std::string>;

class NoLines final : public LineSink {
 public:
  void write(std::string_view /*line*/) override {}
};

class Api {
 public:
  explicit Api(std::shared_ptr<MemoryDisk> disk = std::make_shared<MemoryDisk>(),
               ResourceKinds kinds = resource_kinds());

  /// A new token's text.
  std::string token(AccessRole role, const std::vector<std::string>& sites = {});
  [[nodiscard]] const std::string& owner() const { return owner_; }
  /// By the owner unless `token` says otherwise; "" is nobody. A connection of its own.
  Answered call(const std::string& method, const std::string& target, const std::string& body = "",
                Headers headers = {});
  Answered call_as(const std::string& token, const std::string& method, const std::string& target,
                   const std::string& body = "", Headers headers = {});
  /// PUT with the right precondition.
  Answered put(const std::string& path, const std::string& body);

  static std::string request_text(const std::string& token, const std::string& method, const std::string& target,
                                  const std::string& body, const Headers& headers);
  std::shared_ptr<FarEnd> connect();
  /// Lets everything happen that waits for no time.
  void settle();
  void event(const std::string& json);

  bool held = false;  // what is to be written waits

  ManualLoop loop;
  NoLines lines;
  Log log{"manager", {}, lines, loop};
  MemoryStore store;
  Ledger ledger;
  Authenticator authenticator;
  Writer writer;
  Router router;
  RememberedReplies remembered{ledger, loop};
  RequestWriter requests{ledger, writer, remembered};
  ApiServer server;
  ResourceApi resources{ledger, requests, loop};
  RevisionApi revisions{ledger, requests, loop};
  DraftApi drafts{ledger, requests, loop.loop()};
  AccessApi access{ledger, requests, loop.loop()};
  EnrolmentApi enrolments;
  LogApi logs;
  EventStream stream;

 private:
  bool write(const Batch& batch, const std::function<void(WriteResult)>& then);
  void take(const std::vector<Record>& records);

  std::deque<std::function<void()>> waiting_;
  std::string owner_;
  std::uint64_t epoch_ = 0;
};

/// Some resources that go together: a pop "berlin", front-ends "pop-1" and "pop-2", back-ends "host-1" and "host-2".
void fill(Api& api);
std::string site(const std::string& name, const std::string& more = "");

}  // namespace ringway::manager::testing
