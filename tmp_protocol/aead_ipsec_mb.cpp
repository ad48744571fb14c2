#include "tmp_protocol/aead_engine.h"

#ifdef RINGWAY_IPSEC_MB

#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

#include <utility>

namespace ringway::tmp {

namespace {

struct ManagerFree {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, ManagerFree>;

/// Null where the processor has no instructions for both halves of GCM: tables in their place would tell the key by
/// the time they take. Null as well where the library failed its own test.
Manager make_manager() {
  constexpr std::uint64_t kNeeded = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_SELF_TEST_PASS;
  Manager manager(alloc_mb_mgr(0));
  if (manager == nullptr) return nullptr;
  init_mb_mgr_auto(manager.get(), nullptr);
  return (manager->features & kNeeded) == kNeeded ? std::move(manager) : nullptr;
}

/// The functions that suit this processor: one table for the process, which nobody changes once it is made.
const IMB_MGR* functions() {
  static const Manager manager = make_manager();
  return manager.get();
}

class IpsecMbEngine final : public AeadEngine {
 public:
  explicit IpsecMbEngine(Bytes key) { IMB_AES128_GCM_PRE(functions(), key.data(), &key_); }
  ~IpsecMbEngine() override { OPENSSL_cleanse(&key_, sizeof key_); }

  bool seal(const Nonce& nonce, Bytes header, MutableBytes text) override {
    IMB_AES128_GCM_ENC(functions(), &key_, &context_, text.data(), text.data(), text.size(), nonce.data(),
                       header.data(), header.size(), text.data() + text.size(), kTagOctets);
    return true;
  }

  bool open(const Nonce& nonce, Bytes header, MutableBytes text) override {
    std::array<std::uint8_t, kTagOctets> tag;
    IMB_AES128_GCM_DEC(functions(), &key_, &context_, text.data(), text.data(), text.size(), nonce.data(),
                       header.data(), header.size(), tag.data(), kTagOctets);
    return same_octets(tag, {text.data() + text.size(), kTagOctets});
  }

 private:
  // The library loads and stores these in its widest registers; its header asks for that only with a macro of its own.
  static constexpr std::size_t kAlignment = 64;
  alignas(kAlignment) gcm_key_data key_{};
  alignas(kAlignment) gcm_context_data context_{};
};

}  // namespace

std::unique_ptr<AeadEngine> make_ipsec_mb_engine(Suite suite, Bytes key) {
  if (suite != Suite::aes_128_gcm || functions() == nullptr) return nullptr;
  return std::make_unique<IpsecMbEngine>(key);
}

}  // namespace ringway::tmp

#else

namespace ringway::tmp {

std::unique_ptr<AeadEngine> make_ipsec_mb_engine(Suite /*suite*/, Bytes /*key*/) { return nullptr; }

}  // namespace ringway::tmp

#endif
