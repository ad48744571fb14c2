#include "tmp_protocol/openssl_random.h"

#include <openssl/rand.h>

#include <cassert>
#include <cstddef>

// RAND_METHOD is deprecated in OpenSSL 3, and is still the one way to replace all randomness of a process.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace ringway::tmp {

namespace {

Random* source = nullptr;

int draw(unsigned char* out, int octets) {
  source->fill({out, static_cast<std::size_t>(octets)});
  return 1;
}

int ready() { return 1; }

const RAND_METHOD kMethod = {nullptr, draw, nullptr, nullptr, draw, ready};

}  // namespace

OpensslRandom::OpensslRandom(Random& random) {
  assert(source == nullptr);
  source = &random;
  RAND_set_rand_method(&kMethod);
}

OpensslRandom::~OpensslRandom() {
  RAND_set_rand_method(nullptr);
  source = nullptr;
}

}  // namespace ringway::tmp

#pragma GCC diagnostic pop
