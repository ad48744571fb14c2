#pragma once
// What a redirector thinks of one front-end by its own looks at it.
//
//   unknown --1 answer----------------> well --3 failures in a row--> ill
//      \-----3 failures in a row------> ill ---2 answers in a row---> well
//
// A look that this host could not make says nothing of the front-end. An opinion is a vote as any observer's
// (redirector_dns/steering/health.h), until the last look is limits::kHealthSilence old.

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "redirector_dns/steering/health.h"

namespace ringway::cli {

enum class Look : std::uint8_t { answered, failed, not_made };

class Opinion {
 public:
  Opinion() = default;
  /// Another's, that counts as one look.
  Opinion(bool well, Time now) : well_(well), looked_(now) {}

  /// Whether it falls ill, or well after it was ill, by this look.
  bool add(Look look, Time now);
  /// Nothing while it is unknown.
  [[nodiscard]] std::optional<bool> well() const { return well_; }
  [[nodiscard]] dns::steering::Votes votes(Time now) const;

 private:
  std::optional<bool> well_;
  unsigned against_ = 0;  // looks in a row that contradict it
  Time looked_{};
};

}  // namespace ringway::cli
