#pragma once
// What people compare certificates by: the SHA-256 of the whole certificate (DER), as `sha256:` and 64 hexadecimal
// digits.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tmp_protocol/crypto.h"
#include "tmp_protocol/openssl_handles.h"

namespace ringway::tmp {

[[nodiscard]] Digest fingerprint_of(const X509& certificate);
/// Of the first certificate of a PEM text.
[[nodiscard]] Result<Digest> fingerprint_of(std::string_view certificate_pem);
[[nodiscard]] std::string fingerprint_text(const Digest& fingerprint);
/// As fingerprint_text() writes it, or as `openssl x509 -fingerprint -sha256` does: colons, capitals, other words
/// before the last `=`; `sha256:` may be left out. Nothing where it is none.
[[nodiscard]] std::optional<Digest> parse_fingerprint(std::string_view text);

}  // namespace ringway::tmp
