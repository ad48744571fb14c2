#pragma once
// One gateway in a process: what `ringway frontend`, `ringway backend` and the demo run.

#include <memory>
#include <string>

#include "base/gateway_settings.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "net/worker.h"
#include "tmp_protocol/identity.h"
#include "tmp_protocol/link_settings.h"

namespace ringway::cli {

class Gateway {
 public:
  virtual ~Gateway() = default;
  /// Reads the file again; on any error nothing changes.
  virtual Status reload(const std::string& path) = 0;
  /// Listeners close, peers are told; what is in flight goes on.
  virtual void drain() = 0;
  [[nodiscard]] virtual bool drained() const = 0;
  [[nodiscard]] virtual Duration drain_limit() const = 0;
  /// Ends what is left and closes the links so that the peers hear of it.
  virtual void close() = 0;
};

/// What a gateway is opened with beside its settings.
struct GatewayParts {
  net::Worker& worker;
  LineSink& log_sink;
  /// Null: loaded from the files that the settings name.
  std::shared_ptr<const tmp::Identity> identity;
};

/// The identity of the parts, or the files'. The certificate must name this gateway and its role.
Result<std::shared_ptr<const tmp::Identity>> gateway_identity(const GatewayParts& parts, const std::string& name,
                                                              tmp::Role role, const IdentityFiles& files);

/// What a gateway is told that holds for as long as its process.
struct FixedSettings {
  const GatewaySettings& gateway;
  const tmp::LinkSettings& link;
};

/// An error where the file at `path` changes something of the present that takes a restart.
Status check_fixed(const std::string& path, const FixedSettings& present, const FixedSettings& next);

/// From the key's file, so that it is the same after a restart and known to nobody else.
std::array<std::uint8_t, 32> reset_key(const GatewayParts& parts, const IdentityFiles& files);

}  // namespace ringway::cli
