#pragma once
// What the resolvers of the demo's clients do: each network of clients has one, which asks the redirector where the
// site is, and goes by its answer until its time to live is over.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "net/descriptor.h"
#include "redirector_dns/wire/name.h"

namespace ringway::cli {

/// A network of clients, and where they go.
struct DemoNetwork {
  std::string pop;                                // that is near to them
  IpAddress from;                                 // its resolver, and its clients
  std::optional<IpAddress> address;               // of a front-end; none until the first answer
  std::chrono::steady_clock::time_point until{};  // when it asks anew
};

class DemoLookup {
 public:
  /// Asks for the addresses of `name`.
  static Result<std::unique_ptr<DemoLookup>> open(const SocketAddress& redirector, const std::string& name);

  /// Asks for those whose answers are over, and waits a little for answers. Who gets none goes where he went.
  void refresh();
  /// The eastern ones first, as many as the western ones.
  [[nodiscard]] const std::vector<DemoNetwork>& networks() const { return networks_; }

  /// Near each of the two POPs.
  static constexpr std::size_t kNetworksOfPop = 20;

 private:
  explicit DemoLookup(const dns::Name& name) : name_(name) {}
  Status add_network(std::string_view pop, std::size_t number, const SocketAddress& redirector);
  void ask(std::size_t network);
  void await(std::size_t network, std::chrono::steady_clock::time_point limit);

  dns::Name name_;
  std::uint16_t round_ = 0;
  std::vector<DemoNetwork> networks_;
  std::vector<net::Descriptor> sockets_;  // of each network
};

/// All networks that are near the POP: of this machine's own, and of those for trials (RFC 2544), for who asks by hand.
struct DemoNetworks {
  std::string own;
  std::string trial;
};
DemoNetworks demo_networks_of(std::string_view pop);

}  // namespace ringway::cli
