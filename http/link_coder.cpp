#include "http/link_coder.h"

#include <zstd.h>

#include <array>
#include <vector>

#include "base/limits.h"
#include "http/exchange_record.h"

namespace ringway::http {

namespace {

constexpr int kLevel = 2;

/// One thread's contexts: how many are lent out, and the spare ones.
template <class Context, Context* (*kMake)(), std::size_t (*kFree)(Context*)>
class ContextPool {
 public:
  explicit ContextPool(std::size_t max_lent) : max_lent_(max_lent) {}
  ContextPool(const ContextPool&) = delete;
  ContextPool& operator=(const ContextPool&) = delete;
  ~ContextPool() {
    for (Context* context : spare_) kFree(context);
  }

  /// Null where too many are lent out, or memory has run out.
  Context* take() {
    if (lent_ == max_lent_) return nullptr;
    Context* context = nullptr;
    if (spare_.empty()) {
      context = kMake();
    } else {
      context = spare_.back();
      spare_.pop_back();
    }
    if (context != nullptr) ++lent_;
    return context;
  }

  void give_back(Context* context) {
    --lent_;
    if (spare_.size() < limits::kSpareLinkCoders) {
      spare_.push_back(context);
    } else {
      kFree(context);
    }
  }

 private:
  std::vector<Context*> spare_;
  std::size_t lent_ = 0;
  const std::size_t max_lent_;
};

ZSTD_CCtx* make_compressor() {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (context == nullptr) return nullptr;
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, kLinkWindowLog);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 0);
  return context;
}

ZSTD_DCtx* make_decompressor() {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  if (context != nullptr) ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, kLinkWindowLog);
  return context;
}

auto& compressors() {
  thread_local ContextPool<ZSTD_CCtx, make_compressor, ZSTD_freeCCtx> pool(limits::kMaxLinkCompressors);
  return pool;
}

auto& decompressors() {
  thread_local ContextPool<ZSTD_DCtx, make_decompressor, ZSTD_freeDCtx> pool(limits::kMaxLinkDecompressors);
  return pool;
}

}  // namespace

std::unique_ptr<LinkCompressor> LinkCompressor::acquire(std::optional<std::uint64_t> octets) {
  ZSTD_CCtx* context = compressors().take();
  if (context == nullptr) return nullptr;
  ZSTD_CCtx_reset(context, ZSTD_reset_session_only);
  // Little content makes smaller tables do.
  ZSTD_CCtx_setPledgedSrcSize(context, octets ? *octets : ZSTD_CONTENTSIZE_UNKNOWN);
  return std::unique_ptr<LinkCompressor>(new LinkCompressor(context));
}

LinkCompressor::~LinkCompressor() { compressors().give_back(context_); }

std::optional<std::size_t> LinkCompressor::compress(Bytes in, MutableBytes out) {
  ZSTD_inBuffer input{in.data(), in.size(), 0};
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  const std::size_t left = ZSTD_compressStream2(context_, &output, &input, ZSTD_e_flush);
  if (ZSTD_isError(left) != 0 || left != 0) return std::nullopt;
  return output.pos;
}

std::unique_ptr<LinkDecompressor> LinkDecompressor::acquire() {
  ZSTD_DCtx* context = decompressors().take();
  if (context == nullptr) return nullptr;
  ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
  return std::unique_ptr<LinkDecompressor>(new LinkDecompressor(context));
}

LinkDecompressor::~LinkDecompressor() { decompressors().give_back(context_); }

/// The library would take frames of its early versions as well, and frames of anything else to pass over.
bool LinkDecompressor::is_frame(Bytes in) {
  constexpr std::array<std::uint8_t, 4> kMagic = {0x28, 0xb5, 0x2f, 0xfd};  // RFC 8878 §3.1.1
  for (std::size_t i = 0; i < in.size() && magic_octets_ < kMagic.size(); ++i, ++magic_octets_) {
    if (in[i] != kMagic[magic_octets_]) return false;
  }
  return true;
}

Result<CoderStep> LinkDecompressor::decompress(Bytes in, MutableBytes out) {
  if (!is_frame(in)) return link_error("compressed content that is no zstd frame");
  if (ended_ && !in.empty()) return link_error("compressed content that goes on after its frame");
  if (ended_) return CoderStep{};
  ZSTD_inBuffer input{in.data(), in.size(), 0};
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  const std::size_t result = ZSTD_decompressStream(context_, &output, &input);
  if (ZSTD_isError(result) != 0) return link_error("compressed content: " + std::string(ZSTD_getErrorName(result)));
  ended_ = result == 0;
  return CoderStep{input.pos, output.pos};
}

}  // namespace ringway::http
