#include "tests/manager/store/dying_vfs.h"

#include <signal.h>
#include <sqlite3.h>

#include <array>
#include <cstdlib>

namespace ringway::manager::testing {

namespace {

/// A kind of SQLite's files with three of its methods replaced; it has one kind for each way of locking.
struct Methods {
  sqlite3_io_methods replaced;  // first: a file points to it
  const sqlite3_io_methods* own;
};

sqlite3_vfs* own = nullptr;
sqlite3_vfs dying;
std::array<Methods, 4> kinds;
std::uint64_t left = 0;

bool is_the_last() { return left > 0 && --left == 0; }

const sqlite3_io_methods& own_methods(const sqlite3_file* file) {
  return *reinterpret_cast<const Methods*>(file->pMethods)->own;
}

int write(sqlite3_file* file, const void* octets, int count, sqlite3_int64 offset) {
  if (!is_the_last()) return own_methods(file).xWrite(file, octets, count, offset);
  own_methods(file).xWrite(file, octets, count / 2, offset);
  ::raise(SIGKILL);
  return SQLITE_IOERR;
}

int sync(sqlite3_file* file, int flags) {
  if (is_the_last()) ::raise(SIGKILL);
  return own_methods(file).xSync(file, flags);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (is_the_last()) ::raise(SIGKILL);
  return own_methods(file).xTruncate(file, size);
}

const sqlite3_io_methods* replacement_of(const sqlite3_io_methods* methods) {
  for (Methods& kind : kinds) {
    if (kind.own == nullptr) {
      kind = {*methods, methods};
      kind.replaced.xWrite = write;
      kind.replaced.xSync = sync;
      kind.replaced.xTruncate = truncate;
    }
    if (kind.own == methods) return &kind.replaced;
  }
  std::abort();
}

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  const int code = own->xOpen(own, name, file, flags, out);
  if (file->pMethods != nullptr) file->pMethods = replacement_of(file->pMethods);
  return code;
}

}  // namespace

void die_at_file_operation(std::uint64_t count) {
  own = sqlite3_vfs_find(nullptr);
  dying = *own;
  dying.zName = "dying";
  dying.pNext = nullptr;
  dying.xOpen = open;
  sqlite3_vfs_register(&dying, 1);
  left = count;
}

}  // namespace ringway::manager::testing
