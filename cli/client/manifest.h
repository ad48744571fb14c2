#pragma once
// What the files of `apply` and `diff` want. A file's top-level keys are kinds, each with a list of what it names:
//
//   pops:
//     - { name: zurich, latitude: 47.4, longitude: 8.5 }
//   sites:
//     - name: shop
//       hosts: [ shop.test ]
//       origins: [ { address: "10.0.0.5:8000" } ]
//
// An item is what REST takes at /v1/KIND/NAME. YAML, JSON being a subset; several files are one change.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/config_tree.h"
#include "base/result.h"
#include "cli/client/problem.h"

namespace ringway::cli::client {

/// One text and its tree; the tree's places lead into the text.
struct ManifestFile {
  std::string path;
  std::string text;
  config::TreeNode root;
};

struct ManifestItem {
  std::string kind;
  std::string name;
  std::string json;
  const ManifestFile* file = nullptr;
  const config::TreeNode* node = nullptr;  // in that file
};

class Manifest {
 public:
  /// "-" is standard input. The error is everything that is wrong with the files' form, each at its place; what is
  /// wrong with the content is for the manager to say.
  static Result<Manifest> read(const std::vector<std::string>& paths);
  /// Of texts that were read already; their trees are made here.
  static Result<Manifest> parse(std::vector<ManifestFile> files);

  [[nodiscard]] const std::vector<ManifestItem>& items() const { return items_; }
  /// That stand in a file, be it with an empty list.
  [[nodiscard]] const std::set<std::string>& kinds() const { return kinds_; }
  [[nodiscard]] bool names(const std::string& kind, const std::string& name) const;

  /// `file:line:column: message`, the source line and a caret, for a pointer such as /changes/2/content/hosts/0 into
  /// the changes that are made of the items in their order; empty where it leads to none of them.
  [[nodiscard]] std::string place(const ProblemFault& fault) const;

 private:
  void take(const ManifestFile& file, config::Report& report);
  void take_kind(const ManifestFile& file, const config::Entry& kind, config::Report& report);

  std::vector<std::unique_ptr<const ManifestFile>> files_;
  std::vector<ManifestItem> items_;
  std::set<std::string> kinds_;
};

/// Where what `pointer` (RFC 6901) leads to stands: a single value itself, of anything larger its key. Where it leads
/// to nothing, as far as it leads.
config::Place place_of(const config::TreeNode& root, std::string_view pointer);

}  // namespace ringway::cli::client
