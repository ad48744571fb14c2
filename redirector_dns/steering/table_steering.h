#pragma once
// The steering that a responder asks: the newest table, aged as its levels are. One for each worker. Where only some of
// a site's front-ends have IPv6, AAAA is chosen among those and A among the others' kind: "there is no AAAA" would be
// believed of the site by all who share the resolver (RFC 7871 §7.4).

#include <array>
#include <memory>

#include "base/time.h"
#include "redirector_dns/steered.h"
#include "redirector_dns/steering/choice.h"
#include "redirector_dns/steering/table.h"
#include "redirector_dns/wire/record_type.h"

namespace ringway::dns::steering {

class TableSteering final : public Steering {
 public:
  /// What is answered from now on. Shared by all workers; nothing of the last one is kept.
  void use(SharedTable table) { table_ = std::move(table); }
  /// The wall's seconds at the start of this turn.
  void set_now(WallSeconds now) { now_ = now; }
  [[nodiscard]] const SharedTable& table() const { return table_; }

  const Steered* steer(std::string_view site, const Asker& asker) override;
  [[nodiscard]] bool is_stale() const override { return table_ != nullptr && table_->is_stale(); }

  /// Who was answered what: for counts and the log. Good until the table changes.
  struct Answered {
    const Site* site = nullptr;
    Asker asker;
    bool apart = false;  // whether AAAA is chosen apart
    Choice choice;
    Choice aaaa_choice;       // only where it is chosen apart
    std::uint32_t ttl_s = 0;  // that was answered: one for all types

    [[nodiscard]] const Choice& of(RecordType type) const {
      return apart && type == RecordType::aaaa ? aaaa_choice : choice;
    }
  };
  /// The last answer; only where steer() gave one.
  [[nodiscard]] const Answered& last() const { return last_; }

 private:
  using Addresses = std::array<IpAddress, limits::kMaxAnswerFrontends * limits::kMaxFrontendAddresses>;

  std::span<const IpAddress> addresses_of(const Choice& choice, std::vector<IpAddress> Frontend::*family,
                                          Addresses& out) const;

  SharedTable table_;
  WallSeconds now_ = 0;
  Answered last_;
  Addresses v4_{};
  Addresses v6_{};
  Steered steered_;
};

}  // namespace ringway::dns::steering
