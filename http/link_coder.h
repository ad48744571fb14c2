#pragma once
// zstd for content on the link. Contexts are large, so each thread keeps a few and lends out a bounded number;
// a coder is used, moved and destroyed on the thread that made it.

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace ringway::http {

/// What a step of a coder took and gave.
struct CoderStep {
  std::size_t taken = 0;
  std::size_t given = 0;
};

/// One zstd frame, begun and never ended: each call's octets come out of it whole.
class LinkCompressor {
 public:
  /// Null where the thread has lent out limits::kMaxLinkCompressors. `octets`: how much content there will be,
  /// at most, where it is known.
  static std::unique_ptr<LinkCompressor> acquire(std::optional<std::uint64_t> octets);
  LinkCompressor(const LinkCompressor&) = delete;
  LinkCompressor& operator=(const LinkCompressor&) = delete;
  ~LinkCompressor();

  /// All of `in`, flushed. Nothing where it does not fit in `out`; then the coder is of no more use.
  std::optional<std::size_t> compress(Bytes in, MutableBytes out);

 private:
  explicit LinkCompressor(ZSTD_CCtx_s* context) : context_(context) {}
  ZSTD_CCtx_s* context_;
};

/// One frame of RFC 8878 and no more.
class LinkDecompressor {
 public:
  /// Null where the thread has lent out limits::kMaxLinkDecompressors.
  static std::unique_ptr<LinkDecompressor> acquire();
  LinkDecompressor(const LinkDecompressor&) = delete;
  LinkDecompressor& operator=(const LinkDecompressor&) = delete;
  ~LinkDecompressor();

  /// As much of `in` as fits decoded in `out`. When `out` is filled there may be more to come without more input.
  Result<CoderStep> decompress(Bytes in, MutableBytes out);

 private:
  explicit LinkDecompressor(ZSTD_DCtx_s* context) : context_(context) {}
  bool is_frame(Bytes in);

  ZSTD_DCtx_s* context_;
  std::size_t magic_octets_ = 0;  // seen of the frame's first four
  bool ended_ = false;
};

}  // namespace ringway::http
