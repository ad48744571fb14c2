#pragma once
// What no store takes, whatever it holds: asked before a batch is written anywhere, so that all stores agree.

#include "base/result.h"
#include "manager/store/store.h"

namespace ringway::manager {

/// Texts are UTF-8 without U+0000 and within limits::kMaxStore…, keys are not empty, numbers and times fit into 63
/// bits, the revision is what its hash says. Whether it is the next in its chain is the store's to tell.
Status check(const Batch& batch);

}  // namespace ringway::manager
